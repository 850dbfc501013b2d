/// `error: MESSAGE (CODE)` on standard error.
struct Refusal: Hashable {
  var message: String
  var code: String

  init?(_ text: String) {
    let text = text.trimmed
    guard text.hasPrefix("error: "), text.last == ")", let open = text.lastIndex(of: "(") else { return nil }
    message = String(text[..<open].dropFirst("error: ".count).dropLast())
    code = String(text[open...].dropFirst().dropLast())
    guard !code.isEmpty, code.allSatisfy({ $0.isUppercase || $0 == "_" }) else { return nil }
  }

  /// What is wrong with an error's text: it must have a code, and name the kernel's answer.
  static func complaints(about text: String, naming errno: String?) -> [String] {
    guard let refusal = Refusal(text) else { return ["not an error of ours: \(text)"] }
    guard let errno, !refusal.message.contains(errno) else { return [] }
    return ["the error does not name \(errno): \(text.trimmed)"]
  }
}

extension String {
  /// Without the newline at its end.
  var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
