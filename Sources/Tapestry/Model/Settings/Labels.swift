/// Names and values by which users find attachments and networks, and policies name guests: `tier=web`.
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
      let label = try Label(parsing: word)
      guard values[label.key] == nil else { throw .invalidLabel(word, "'\(label.key)' is given twice") }
      try set(label.key, to: label.value)
    }
  }

  /// The labels, in no order.
  var list: [Label] { values.map(Label.init(known:value:)) }

  /// The value of a label; nil if there is none of this key.
  public subscript(key: String) -> String? { values[key] }

  /// Whether there are no labels.
  public var isEmpty: Bool { values.isEmpty }

  /// Sets a label, or removes it if the value is nil.
  /// - Throws: `INVALID_LABEL`, also if there would be more than `maximum`.
  public mutating func set(_ key: String, to value: String?) throws(TapestryError) {
    values[try Label(key, value ?? "").key] = value
    guard values.count <= Self.maximum else { throw .invalidLabel(key, "at most \(Self.maximum) labels are possible") }
  }

  /// Sets labels, `key=value` each, and removes others, `key-` each.
  /// - Throws: `INVALID_LABEL`; then some may be set already.
  public mutating func change(by words: [String]) throws(TapestryError) {
    for word in words {
      if word.contains("=") {
        let label = try Label(parsing: word)
        try set(label.key, to: label.value)
      } else if word.hasSuffix("-") {
        try set(String(word.dropLast()), to: nil)
      } else {
        throw .invalidLabel(word, "expected KEY=VALUE to set a label, or KEY- to remove it")
      }
    }
  }
}

extension Labels: CustomStringConvertible {
  /// `app=shop,tier=web`, by key.
  public var description: String { list.sorted { $0.key < $1.key }.map(\.description).joined(separator: ",") }

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
    for (key, value) in try [String: String](from: decoder) { try set(key, to: value) }
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
