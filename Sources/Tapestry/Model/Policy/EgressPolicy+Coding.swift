/// Members are named after the command's options.
extension EgressPolicy: Codable {
  private static let reachKey = SettingsKey("egress")

  /// Decodes a policy. Fields that are missing have their defaults.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: SettingsKey.self)
    self.init(reach: try values.decodeIfPresent(Reach.self, forKey: Self.reachKey) ?? .inherited)
    for list in Self.lists {
      let texts = try values.decodeIfPresent([String].self, forKey: SettingsKey(list.name)) ?? []
      _ = try list.edit(.add, texts).apply(&self)
    }
  }

  /// Encodes a policy without the reach if it inherits that.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: SettingsKey.self)
    if reach != .inherited { try values.encode(reach, forKey: Self.reachKey) }
    for list in Self.lists { try values.encode(list.texts(self), forKey: SettingsKey(list.name)) }
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
