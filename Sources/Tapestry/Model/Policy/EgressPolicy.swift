/// What guests may reach through the host.
///
/// A packet's fate is decided by the first that says anything of it: the rules of its attachment, those of its network,
/// the domains of either, then the reach of its attachment, else of its network.
public struct EgressPolicy: Hashable, Sendable {
  public var reach: Reach
  public var rules: [TrafficRule]
  /// The names of which a guest may reach what its network's name server has told of them, if it is on the internet, for
  /// some time.
  public var domains: [DomainPattern]

  public enum Reach: String, Hashable, Sendable, CaseIterable {
    /// Whatever the host reaches, but for 169.254.0.0/16 and where clouds keep their metadata in IPv6.
    case all
    /// What is on the internet: no private, shared, link-local, loopback, multicast or reserved address (RFC 6890).
    case internet
    /// Nowhere. No case is called `none`: beside an Optional that would be nil.
    case nothing = "none"
    /// What the network says; of a network it is `all`.
    case inherited = "inherit"
  }

  public init(reach: Reach = .inherited, rules: [TrafficRule] = [], domains: [DomainPattern] = []) {
    self.reach = reach
    self.rules = rules
    self.domains = domains
  }

  /// Whether it says nothing.
  public var isEmpty: Bool { reach == .inherited && rules.isEmpty && domains.isEmpty }

  /// The rules without overlaps, in as few as there can be.
  var disjointRules: Set<TrafficRule> { Set(rules.disjoint(closing: SpecialUse.closed).ranges.flatMap(\.rules)) }

  /// What is let through whatever the reach.
  public var allow: [Traffic] {
    get { traffic(.allow) }
    set { set(.allow, newValue) }
  }

  /// What is dropped whatever the reach.
  public var deny: [Traffic] {
    get { traffic(.deny) }
    set { set(.deny, newValue) }
  }

  private func traffic(_ verdict: TrafficRule.Verdict) -> [Traffic] {
    rules.filter { $0.verdict == verdict }.map(\.traffic)
  }

  private mutating func set(_ verdict: TrafficRule.Verdict, _ traffic: [Traffic]) {
    rules = rules.filter { $0.verdict != verdict } + traffic.map { TrafficRule(verdict, $0) }
  }
}

extension EgressPolicy: CustomStringConvertible {
  /// `internet allow 10.0.0.0/8:443/tcp deny 203.0.113.0/24 domain *.example.org`.
  public var description: String {
    ([reach == .inherited ? nil : reach.rawValue] + rules.map(\.description) + domains.map { "domain \($0)" })
      .compactMap(\.self)
      .joined(separator: " ")
  }

  /// nil for other text.
  init?(text: String) {
    self.init()
    guard !text.isEmpty else { return }
    var words = text.split(separator: " ").map(String.init)[...]
    if let reach = words.first.flatMap(Reach.init) {
      self.reach = reach
      words = words.dropFirst()
    }
    while let word = words.popFirst() {
      guard let text = words.popFirst() else { return nil }
      if word == "domain" {
        guard let domain = try? DomainPattern(validating: text) else { return nil }
        domains.append(domain)
        continue
      }
      guard let verdict = TrafficRule.Verdict(rawValue: word), let traffic = try? Traffic.parse(text) else {
        return nil
      }
      rules += traffic.map { TrafficRule(verdict, $0) }
    }
  }
}
