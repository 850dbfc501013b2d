extension EgressPolicy: Codable {
  /// The names of the command's options.
  private enum CodingKeys: String, CodingKey {
    case reach = "egress"
    case allow, deny
    case domains = "allowDomain"
  }

  /// Decodes a policy. Fields that are missing have their defaults.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(reach: try values.decodeIfPresent(Reach.self, forKey: .reach) ?? .inherited)
    allow = try values.decode([String].self, forKey: .allow).flatMap([Traffic].init(parsing:))
    deny = try values.decode([String].self, forKey: .deny).flatMap([Traffic].init(parsing:))
    for text in try values.decode([String].self, forKey: .domains) {
      domains.append(try DomainPattern(parsing: text))
    }
  }

  /// Encodes a policy without the fields that have their defaults.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(reach == .inherited ? nil : reach, forKey: .reach)
    try values.encode(allow.map(\.description), forKey: .allow)
    try values.encode(deny.map(\.description), forKey: .deny)
    try values.encode(domains.map(\.description), forKey: .domains)
  }
}

extension EgressPolicy.Reach: Codable {}

extension EgressPolicy {
  /// A network's policy, which inherits from nobody: its reach is `all` unless it names another.
  public var explicit: EgressPolicy {
    var policy = self
    if reach == .inherited { policy.reach = .all }
    return policy
  }
}
