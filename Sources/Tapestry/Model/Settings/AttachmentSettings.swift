/// The settings of an attachment other than its network, address and MAC: every option of `attach` that is not a claim.
///
/// A new option needs a property here and a line in `AttachmentSettings.fields`, from which the state file and JSON are
/// written.
public struct AttachmentSettings: Hashable, Sendable {
  /// The user and group that may open the TAP without CAP_NET_ADMIN; nil: only root. With a user and no group, the user
  /// may open it regardless of groups. Set by `attach`; cannot be changed later.
  public var owner: TapOwner?
  /// What the guest may reach. The network's policy applies where this one does not match.
  public var egress: EgressPolicy
  /// Host ports that are forwarded to the guest, in order. Changed by `publish` and `unpublish`.
  public var published: [PublishedPort] {
    didSet { published.sort() }
  }
  /// Empty: no limit.
  public var rateLimit: RateLimit
  /// nil: `MaximumConnections.standard`.
  public var maxConnections: MaximumConnections?
  /// What users know it by.
  public var labels: Labels

  /// The defaults.
  public init() { self.init(owner: nil) }

  /// Creates settings. What is left out has its default.
  public init(
    owner: TapOwner? = nil, egress: EgressPolicy = EgressPolicy(), published: [PublishedPort] = [],
    rateLimit: RateLimit = RateLimit(), maxConnections: MaximumConnections? = nil, labels: Labels = Labels()
  ) {
    self.owner = owner
    self.egress = egress
    self.published = published.sorted()
    self.rateLimit = rateLimit
    self.maxConnections = maxConnections
    self.labels = labels
  }
}

extension AttachmentSettings: SettingsFields {
  /// Those that are set, with their names in words (`rate limit`, `tx=20mbit`), without those of these names.
  package func lines(without names: [String]) -> [(label: String, value: String)] { words(without: names) }

  static let showsDefaults = false

  static let fields: [SettingsField<Self>] = [
    SettingsField("owner", \.owner, text: { $0?.description }, read: TapOwner.init(text:)),
    SettingsField("egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:))
      .policy.noted,
    // They are claims, unique across attachments, and have a table of their own.
    .onlyJSON("published", \.published, isShown: { !$0.isEmpty }),
    SettingsField(
      "rate-limit", \.rateLimit, text: { $0.isEmpty ? nil : $0.description }, read: { try? RateLimit(parsing: $0) }
    ).policy,
    SettingsField(
      "max-connections", \.maxConnections, text: { $0?.description }, read: { try? MaximumConnections(parsing: $0) }
    ).policy,
    SettingsField("labels", \.labels, text: { $0.isEmpty ? nil : $0.description }, read: Labels.init(text:)).noted,
  ]
}

extension AttachmentSettings {
  /// - Parameters:
  ///   - network: the attachment's network.
  ///   - before: the settings that these replace. An unchanged policy is not validated again.
  /// - Throws: `INVALID_POLICY`, `INVALID_PORT`, `INVALID_RATE`, `INVALID_LIMIT`.
  func validate(
    in network: @autoclosure () throws(TapestryError) -> Network,
    insteadOf before: AttachmentSettings = AttachmentSettings()
  ) throws(TapestryError) {
    if egress != before.egress { try egress.validate(in: try network(), insteadOf: before.egress) }
    try published.validate()
    try rateLimit.validate()
    try maxConnections?.validate()
  }

  /// - Throws: `INVALID_OWNER`, `INVALID_PORT` if a setting differs that cannot be changed while the guest runs.
  func requireChangeable(from before: AttachmentSettings, of key: AttachmentKey) throws(TapestryError) {
    guard owner == before.owner else {
      throw TapestryError(.invalidOwner, "The TAP owner of \(key) cannot be changed: detach it and attach it again")
    }
    guard published == before.published else {
      throw TapestryError(.invalidPort, "Published ports of \(key) can only be changed by publish and unpublish")
    }
  }

  /// Whether a port is published on an address of 127.0.0.0/8.
  var isReachedFromLoopback: Bool { published.contains(where: \.isAtLoopback) }

  /// Whether the guest's connections are counted in a separate chain, rather than in the chain for the default limit.
  var limitsInChain: Bool { maxConnections?.hasChain == true }

  /// Whether the settings need chains of their own in the ruleset.
  var hasChains: Bool { !egress.domains.isEmpty || limitsInChain }
}

/// Fields are named after the command's options. Unset fields are omitted.
extension AttachmentSettings: Codable {
  /// Decodes settings. Fields that are missing have their defaults.
  public init(from decoder: any Decoder) throws { try self.init(members: decoder) }

  /// Encodes settings without the fields that have their defaults.
  public func encode(to encoder: any Encoder) throws { try encodeMembers(to: encoder) }
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
