import NetTypes

/// Settings as one text, for a column of the state file: `name=value` for each setting that is set, separated by `;`.
protocol SettingsText {
  init()

  /// In the order in which they are written. Unknown fields, from a file of a newer version, are rejected.
  static var fields: [SettingsField<Self>] { get }
}

/// How one setting is written and read.
struct SettingsField<Settings> {
  let name: String
  /// Returns nil if it is not set.
  let text: (Settings) -> String?
  /// - Returns: false if the text is not a value of this setting.
  let read: (String, inout Settings) -> Bool

  /// - Parameters:
  ///   - text: returns nil for the default value.
  ///   - read: returns nil for text that is not a value.
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
  /// No value contains a `;`.
  var text: String {
    Self.fields.compactMap { field in field.text(self).map { "\(field.name)=\($0)" } }.joined(separator: ";")
  }

  /// Returns nil if the text is not a valid encoding of settings.
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

/// Published ports are not among the fields: they are claims, unique across attachments, and have their own table.
extension AttachmentSettings: SettingsText {
  static var fields: [SettingsField<Self>] {
    [
      SettingsField("owner", \.owner, text: { $0?.description }, read: TapOwner.init(text:)),
      SettingsField("egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:)),
      SettingsField(
        "rate-limit", \.rateLimit, text: { $0.isEmpty ? nil : $0.description }, read: { try? RateLimit(parsing: $0) }),
      SettingsField(
        "max-connections", \.maxConnections, text: { $0?.description }, read: { try? MaximumConnections(parsing: $0) }),
    ]
  }
}

extension NetworkSettings: SettingsText {
  static var fields: [SettingsField<Self>] {
    [
      SettingsField("egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:)),
      SettingsField(
        "host-access", \.hostAccess, text: { $0 == .standard ? nil : $0.description },
        read: { try? HostAccess(parsing: $0) }),
      SettingsField("allow-inter-vm", \.allowsInterVM, text: { $0 ? "yes" : nil }, read: { $0 == "yes" ? true : nil }),
      SettingsField("nat", \.nat, text: { $0 ? nil : "no" }, read: { $0 == "no" ? false : nil }),
      SettingsField("firewall-rules", \.opensFirewalls, text: { $0 ? nil : "no" }, read: { $0 == "no" ? false : nil }),
      SettingsField("dns", \.dns, text: { $0.isEmpty ? nil : $0.text }, read: [IPv4Address].init(text:)),
      SettingsField(
        "dns-server", \.nameServer, text: { $0?.description },
        read: { [IPv4Address](text: $0).map(NameServer.init) }),
    ]
  }
}

extension TapOwner {
  /// Parses a description; returns nil for other text.
  fileprivate init?(text: String) {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = words.compactMap { UInt32($0) }
    guard numbers.count == words.count, [1, 2].contains(numbers.count) else { return nil }
    self.init(uid: numbers[0], gid: numbers.dropFirst().first)
    guard description == text else { return nil }
  }
}
