/// Names and values by which a user finds attachments and networks: `tier=web`. They mean nothing to Tapestry.
///
/// A key has 1 to 63 letters, digits, `.`, `_`, `-` and `/`, and begins and ends with a letter or a digit. A value has 0 to
/// 63 of the same characters, `:`, `+` and `@`.
public struct Labels: Hashable, Sendable {
  /// The most that an attachment or a network can have.
  public static let maximum = 32

  /// The values by key.
  public private(set) var values: [String: String] = [:]

  /// No labels.
  public init() {}

  /// Parses labels, `key=value` each.
  /// - Throws: `INVALID_LABEL`, also if two have the same key.
  public init(parsing words: [String]) throws(TapestryError) {
    for word in words {
      guard let (key, value) = Self.parts(of: word) else {
        throw .invalidLabel(word, "expected KEY=VALUE")
      }
      guard values[key] == nil else { throw .invalidLabel(word, "'\(key)' is given twice") }
      try set(key, to: value)
    }
  }

  /// The value of a label; nil if there is none of this key.
  public subscript(key: String) -> String? { values[key] }

  /// Whether there are no labels.
  public var isEmpty: Bool { values.isEmpty }

  /// Sets a label, or removes it if the value is nil.
  /// - Throws: `INVALID_LABEL`, also if there would be more than `maximum`.
  public mutating func set(_ key: String, to value: String?) throws(TapestryError) {
    guard Self.isKey(key), Self.isValue(value ?? "") else {
      throw .invalidLabel(
        value.map { "\(key)=\($0)" } ?? key,
        "a key has 1 to 63 letters, digits, '.', '_', '-', '/', a letter or a digit at both ends; a value has up to 63 of "
          + "these and ':', '+', '@'")
    }
    values[key] = value
    guard values.count <= Self.maximum else { throw .invalidLabel(key, "at most \(Self.maximum) labels are possible") }
  }

  /// Sets labels, `key=value` each, and removes others, `key-` each.
  /// - Throws: `INVALID_LABEL`; then some may be set already.
  public mutating func change(by words: [String]) throws(TapestryError) {
    for word in words {
      if let (key, value) = Self.parts(of: word) {
        try set(key, to: value)
      } else if word.hasSuffix("-") {
        try set(String(word.dropLast()), to: nil)
      } else {
        throw .invalidLabel(word, "expected KEY=VALUE to set a label, or KEY- to remove it")
      }
    }
  }

  private static func parts(of word: String) -> (key: String, value: String)? {
    guard let sign = word.firstIndex(of: "=") else { return nil }
    return (String(word[..<sign]), String(word[sign...].dropFirst()))
  }

  private static func isKey(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return text.utf8.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || "._-/".utf8.contains($0) }
  }

  private static func isValue(_ text: String) -> Bool {
    text.utf8.count <= 63 && text.utf8.allSatisfy { isAlphanumeric($0) || "._-/:+@".utf8.contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

extension Labels: CustomStringConvertible {
  /// `app=shop,tier=web`, by key.
  public var description: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }

  /// Parses a description; returns nil for other text.
  init?(text: String) {
    guard
      let labels = try? Labels(parsing: text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)),
      labels.description == text
    else { return nil }
    self = labels
  }
}

/// An object: `{"app":"shop","tier":"web"}`.
extension Labels: Codable {
  /// Decodes labels.
  /// - Throws: `DecodingError`; `TapestryError` of code `INVALID_LABEL`.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: SettingsKey.self)
    for key in values.allKeys { try set(key.stringValue, to: try values.decode(String.self, forKey: key)) }
  }

  /// Encodes labels by key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SettingsKey.self)
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let key = SettingsKey(stringValue: key) else { continue }
      try container.encode(value, forKey: key)
    }
  }
}

extension TapestryError.Code {
  /// A label's key or value is not valid, or there are too many labels.
  public static let invalidLabel = Self(rawValue: "INVALID_LABEL")
}

extension TapestryError {
  fileprivate static func invalidLabel(_ text: String, _ reason: String) -> TapestryError {
    TapestryError(.invalidLabel, "Invalid label '\(text)': \(reason)")
  }
}
