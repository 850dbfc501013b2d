extension EgressPolicy: Codable {
  /// The names of the options that it is made with.
  private enum CodingKeys: String, CodingKey {
    case reach = "egress"
    case allow, deny
    case domains = "allowDomain"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(reach: try values.decodeIfPresent(Reach.self, forKey: .reach))
    for (key, verdict) in [(CodingKeys.allow, TrafficRule.Verdict.allow), (.deny, .deny)] {
      for text in try values.decode([String].self, forKey: key) {
        rules += try Traffic.parse(text).map { TrafficRule(verdict, $0) }
      }
    }
    for text in try values.decode([String].self, forKey: .domains) {
      domains.append(try DomainPattern(validating: text))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(reach, forKey: .reach)
    try values.encode(traffic(.allow).map(\.description), forKey: .allow)
    try values.encode(traffic(.deny).map(\.description), forKey: .deny)
    try values.encode(domains.map(\.description), forKey: .domains)
  }

  /// What the rules of this verdict are of.
  public func traffic(_ verdict: TrafficRule.Verdict) -> [Traffic] {
    rules.filter { $0.verdict == verdict }.map(\.traffic)
  }
}

extension EgressPolicy.Reach: Codable {}
