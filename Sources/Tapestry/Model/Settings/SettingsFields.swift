import NetTypes

/// Settings as one text, for a column of the state file, and as members of JSON: every setting is one of the fields.
protocol SettingsFields {
  init()

  /// In the order in which they are written. Text with unknown fields, from a file of a newer version, is rejected.
  static var fields: [SettingsField<Self>] { get }
  /// Whether JSON has settings that are not set.
  static var showsDefaults: Bool { get }
}

extension SettingsFields {
  /// `name=value` for each setting that is set, separated by `;`. No value contains a `;`.
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

  /// Reads members of JSON. Those that are missing have their defaults.
  init(members decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: SettingsKey.self)
    for field in Self.fields { try field.decode(values, &self) }
  }

  /// Adds members to JSON.
  func encodeMembers(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: SettingsKey.self)
    for field in Self.fields { try field.encode(self, &values) }
  }
}

extension AttachmentSettings: SettingsFields {
  static let showsDefaults = false

  static var fields: [SettingsField<Self>] {
    [
      SettingsField("owner", \.owner, text: { $0?.description }, read: TapOwner.init(text:)),
      SettingsField("egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:)),
      // They are claims, unique across attachments, and have a table of their own.
      .onlyJSON("published", \.published, isShown: { !$0.isEmpty }),
      SettingsField(
        "rate-limit", \.rateLimit, text: { $0.isEmpty ? nil : $0.description }, read: { try? RateLimit(parsing: $0) }),
      SettingsField(
        "max-connections", \.maxConnections, text: { $0?.description }, read: { try? MaximumConnections(parsing: $0) }),
    ]
  }
}

extension NetworkSettings: SettingsFields {
  static let showsDefaults = true

  static var fields: [SettingsField<Self>] {
    [
      SettingsField("dns", \.dns, text: { $0.isEmpty ? nil : $0.text }, read: [IPv4Address].init(text:)),
      SettingsField("allow-inter-vm", \.allowsInterVM, text: { $0 ? "yes" : nil }, read: { $0 == "yes" ? true : nil }),
      SettingsField("nat", \.nat, text: { $0 ? nil : "no" }, read: { $0 == "no" ? false : nil }),
      SettingsField(
        "egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:),
        shown: \.explicit),
      SettingsField(
        "host-access", \.hostAccess, text: { $0 == .standard ? nil : $0.description },
        read: { try? HostAccess(parsing: $0) }),
      SettingsField("firewall-rules", \.opensFirewalls, text: { $0 ? nil : "no" }, read: { $0 == "no" ? false : nil }),
      // JSON has the domain beside the upstreams, which follows from the network's name.
      .onlyText(
        "dns-server", \.nameServer, text: { $0?.description }, read: { [IPv4Address](text: $0).map(NameServer.init) }),
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
