/// What an attachment can be given beside its network, address and MAC: every option of `attach` that is no claim.
///
/// A new option is a property here, and a line in `AttachmentSettings.fields`, which the state file and the kernel's comments
/// are written from.
public struct AttachmentSettings: Hashable, Sendable {
  /// Who may open the TAP without CAP_NET_ADMIN; nil: root alone. With a user and no group, whatever the user's groups.
  /// Fixed by `attach`.
  public var owner: TapOwner?
  /// What the guest may reach; what it leaves open is its network's to say.
  public var egress: EgressPolicy
  /// Ports of the host that are forwarded to the guest, in order. Changed by `publish` and `unpublish`.
  public var published: [PublishedPort] {
    didSet { published.sort() }
  }
  /// An empty one limits nothing.
  public var rateLimit: RateLimit
  /// nil: `MaximumConnections.standard`.
  public var maxConnections: MaximumConnections?

  /// Nothing set.
  public init() { self.init(owner: nil) }

  public init(
    owner: TapOwner? = nil, egress: EgressPolicy = EgressPolicy(), published: [PublishedPort] = [],
    rateLimit: RateLimit = RateLimit(), maxConnections: MaximumConnections? = nil
  ) {
    self.owner = owner
    self.egress = egress
    self.published = published.sorted()
    self.rateLimit = rateLimit
    self.maxConnections = maxConnections
  }
}

extension AttachmentSettings {
  /// - Parameters:
  ///   - network: the attachment's.
  ///   - before: what they replace; what holds already is not judged again.
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

  /// - Throws: `INVALID_OWNER`, `INVALID_PORT` where they differ in what cannot be changed while a guest runs.
  func requireChangeable(from before: AttachmentSettings, of key: AttachmentKey) throws(TapestryError) {
    guard owner == before.owner else {
      throw TapestryError(
        .invalidOwner, "The owner of the TAP of \(key) cannot be changed: detach it and attach it anew")
    }
    guard published == before.published else {
      throw TapestryError(.invalidPort, "Ports of \(key) are changed by publish and unpublish")
    }
  }

  /// Whether a published port is found at 127.0.0.0/8.
  var isReachedFromLoopback: Bool { published.contains(where: \.isAtLoopback) }

  /// Whether the guest's connections are counted in a chain of the ruleset that not every guest has.
  var limitsInChain: Bool { maxConnections?.hasChain == true }

  /// Whether the ruleset has chains for them.
  var hasChains: Bool { !egress.domains.isEmpty || limitsInChain }
}

/// By the names that the command's options have. What is not set is left out.
extension AttachmentSettings: Codable {
  private enum CodingKeys: CodingKey { case owner, egress, published, rateLimit, maxConnections }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      owner: try values.decodeIfPresent(TapOwner.self, forKey: .owner),
      egress: try values.decodeIfPresent(EgressPolicy.self, forKey: .egress) ?? EgressPolicy(),
      published: try values.decodeIfPresent([PublishedPort].self, forKey: .published) ?? [],
      rateLimit: try values.decodeIfPresent(RateLimit.self, forKey: .rateLimit) ?? RateLimit(),
      maxConnections: try values.decodeIfPresent(MaximumConnections.self, forKey: .maxConnections))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(owner, forKey: .owner)
    if !egress.isEmpty { try values.encode(egress, forKey: .egress) }
    if !published.isEmpty { try values.encode(published, forKey: .published) }
    if !rateLimit.isEmpty { try values.encode(rateLimit, forKey: .rateLimit) }
    try values.encodeIfPresent(maxConnections, forKey: .maxConnections)
  }
}
