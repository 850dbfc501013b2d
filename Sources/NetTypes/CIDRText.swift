/// The two halves of `ADDRESS/LENGTH`, the length already a number. The address is not looked at.
struct CIDRText {
  let address: String
  let prefixLength: Int

  /// Fails unless there is exactly one `/`, something before it, and after it a length within `prefixLengths` in one
  /// to three ASCII digits without a leading zero.
  init?(_ text: String, prefixLengths: ClosedRange<Int>) {
    let utf8 = text.utf8
    guard let slash = utf8.firstIndex(of: ASCIIText.slash), slash > utf8.startIndex else { return nil }
    let lengthText = utf8[utf8.index(after: slash)...]
    var length = 0
    var digits = 0
    for byte in lengthText {
      guard let digit = ASCIIText.decimalDigit(byte), digits < 3, digits == 0 || length > 0 else { return nil }
      length = length * 10 + Int(digit)
      digits += 1
    }
    guard digits > 0, prefixLengths.contains(length) else { return nil }
    address = String(text[..<slash])
    prefixLength = length
  }
}
