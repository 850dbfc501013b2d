/// Settings as one text, for a column of the state file: `name=value` for each that is set, separated by `;`.
protocol SettingsText {
  init()

  /// In the order in which they are written. A file of a newer version may have others, which are refused.
  static var fields: [SettingsField<Self>] { get }
}

/// How one setting is written and read.
struct SettingsField<Settings> {
  let name: String
  /// nil where it is not set.
  let text: (Settings) -> String?
  /// - Returns: false for text that it is never written as.
  let read: (String, inout Settings) -> Bool

  /// - Parameters:
  ///   - text: nil for a value that says nothing.
  ///   - read: nil for text that no value has.
  init<Value>(
    _ name: String, _ path: WritableKeyPath<Settings, Value>, text: @escaping (Value) -> String?,
    read: @escaping (String) -> Value?
  ) {
    self.name = name
    self.text = { text($0[keyPath: path]) }
    self.read = { word, settings in
      guard let value = read(word) else { return false }
      settings[keyPath: path] = value
      return true
    }
  }
}

extension SettingsText {
  /// No value has a `;` in it.
  var text: String {
    Self.fields.compactMap { field in field.text(self).map { "\(field.name)=\($0)" } }.joined(separator: ";")
  }

  /// nil for text that no settings are written as.
  init?(text: String) {
    self.init()
    guard !text.isEmpty else { return }
    var fields = Self.fields[...]
    for word in text.split(separator: ";", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let index = fields.firstIndex(where: { $0.name == parts[0] }),
        fields[index].read(parts[1], &self)
      else { return nil }
      fields = fields[(index + 1)...]
    }
  }
}

/// The ports are claims, which no two attachments share: they have a table of their own.
extension AttachmentSettings: SettingsText {
  static var fields: [SettingsField<Self>] {
    [
      SettingsField("owner", \.owner, text: { $0?.description }, read: TapOwner.init(text:)),
      SettingsField("egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:)),
      SettingsField(
        "rate-limit", \.rateLimit, text: { $0.isEmpty ? nil : $0.description }, read: { try? RateLimit.parse($0) }),
      SettingsField(
        "max-connections", \.maxConnections, text: { $0?.description }, read: { try? MaximumConnections.parse($0) }),
    ]
  }
}

extension TapOwner {
  /// From its description; nil for other text.
  fileprivate init?(text: String) {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = words.compactMap { UInt32($0) }
    guard numbers.count == words.count, [1, 2].contains(numbers.count) else { return nil }
    self.init(uid: numbers[0], gid: numbers.dropFirst().first)
    guard description == text else { return nil }
  }
}
