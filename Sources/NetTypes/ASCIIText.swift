/// Reading and writing the ASCII that addresses are written in.
///
/// The standard library's number parsers accept signs and leading zeros, which hide mistakes (`010` is 8 to some
/// programs and 10 to others), so digits are read here one at a time.
package enum ASCIIText {
  static let dot = UInt8(ascii: ".")
  static let slash = UInt8(ascii: "/")
  static let colon = UInt8(ascii: ":")

  /// Whether it is one of `a`–`z`, `A`–`Z` and `0`–`9`.
  @inlinable package static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// The value of `0`–`9`.
  static func decimalDigit(_ byte: UInt8) -> UInt8? {
    let value = byte &- UInt8(ascii: "0")
    return value < 10 ? value : nil
  }

  /// The value of `0`–`9`, `a`–`f` or `A`–`F`.
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    if let value = decimalDigit(byte) { return value }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter + 10 : nil
  }

  /// `0`–`9` or `a`–`f` for the low four bits of `nibble`.
  static func hexCharacter(_ nibble: UInt8) -> UInt8 {
    let value = nibble & 0xf
    return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
  }

  /// Appends `value` in decimal, without leading zeros.
  static func appendDecimal(_ value: UInt8, to text: inout [UInt8]) {
    if value >= 100 { text.append(UInt8(ascii: "0") + value / 100) }
    if value >= 10 { text.append(UInt8(ascii: "0") + value / 10 % 10) }
    text.append(UInt8(ascii: "0") + value % 10)
  }
}
