import NetTypes

/// A key and a value: `tier=web`.
///
/// A key has 1 to 63 letters, digits, `.`, `_`, `-` and `/`, and begins and ends with a letter or a digit. A value has 0 to
/// 63 of the same characters, `:`, `+` and `@`.
public struct Label: Hashable, Sendable {
  /// `tier`.
  public let key: String
  /// `web`; may be empty.
  public let value: String

  /// Creates a label.
  /// - Throws: `INVALID_LABEL`.
  public init(_ key: String, _ value: String) throws(TapestryError) {
    guard Self.isKey(key), Self.isValue(value) else {
      throw .invalidLabel(
        value.isEmpty ? key : "\(key)=\(value)",
        "a key has 1 to 63 letters, digits, '.', '_', '-', '/', a letter or a digit at both ends; a value has up to 63 of "
          + "these and ':', '+', '@'")
    }
    self.key = key
    self.value = value
  }

  /// Of a valid key and value.
  init(known key: String, value: String) {
    self.key = key
    self.value = value
  }

  /// Parses `key=value`.
  /// - Throws: `INVALID_LABEL`.
  public init(parsing text: String) throws(TapestryError) {
    guard let sign = text.firstIndex(of: "=") else { throw .invalidLabel(text, "expected KEY=VALUE") }
    try self.init(String(text[..<sign]), String(text[sign...].dropFirst()))
  }

  private static func isKey(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return text.utf8.count <= 63 && ASCIIText.isAlphanumeric(first) && ASCIIText.isAlphanumeric(last)
      && text.utf8.allSatisfy { ASCIIText.isAlphanumeric($0) || "._-/".utf8.contains($0) }
  }

  private static func isValue(_ text: String) -> Bool {
    text.utf8.count <= 63 && text.utf8.allSatisfy { ASCIIText.isAlphanumeric($0) || "._-/:+@".utf8.contains($0) }
  }
}

extension Label: CustomStringConvertible {
  /// `tier=web`.
  public var description: String { "\(key)=\(value)" }
}

extension TapestryError {
  static func invalidLabel(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(.invalidLabel, "Invalid label '\(text)': \(reason)")
  }
}
