/// What guests may reach through the host.
///
/// A packet's fate is decided by the first that says anything of it: the rules of its attachment, those of its network,
/// the domains of either, then the reach of its attachment, else of its network.
public struct EgressPolicy: Hashable, Sendable {
  /// nil leaves it to the network; of a network it is `all`.
  public var reach: Reach?
  public var rules: [TrafficRule]
  /// The names of which a guest may reach what its network's name server has told of them, if it is on the internet, for
  /// some time.
  public var domains: [DomainPattern]

  public enum Reach: String, Hashable, Sendable, CaseIterable {
    /// Whatever the host reaches, but for 169.254.0.0/16 and where clouds keep their metadata in IPv6.
    case all
    /// What is on the internet: no private, shared, link-local, loopback, multicast or reserved address (RFC 6890).
    case internet
    case none
  }

  public init(reach: Reach? = nil, rules: [TrafficRule] = [], domains: [DomainPattern] = []) {
    self.reach = reach
    self.rules = rules
    self.domains = domains
  }

  /// Whether it says nothing.
  public var isEmpty: Bool { reach == nil && rules.isEmpty && domains.isEmpty }

  /// The rules without overlaps, in as few as there can be.
  var disjointRules: Set<TrafficRule> { Set(rules.disjoint(closing: SpecialUse.closed).ranges.flatMap(\.rules)) }

  /// How many rules a policy may have: what they come to has its bounds then.
  public static let maximumRules = 128

  /// How many domains: each is a rule of the ruleset's, passed by what begins a connection.
  public static let maximumDomains = 64

  /// - Throws: `INVALID_POLICY`.
  func validate() throws(TapestryError) {
    guard rules.count <= Self.maximumRules else {
      throw TapestryError(
        .invalidPolicy,
        "A policy of \(rules.count) rules: at most \(Self.maximumRules) are allowed. Ports without a protocol count twice."
      )
    }
    guard domains.count <= Self.maximumDomains else {
      throw TapestryError(
        .invalidPolicy, "A policy of \(domains.count) domains: at most \(Self.maximumDomains) are allowed")
    }
  }

  /// - Throws: `INVALID_POLICY` for domains where nobody would learn of them.
  func validate(in network: Network) throws(TapestryError) {
    guard let domain = domains.first else { return }
    guard network.nameServer != nil else {
      throw TapestryError(
        .invalidPolicy,
        "'\(domain)' cannot be allowed: network \(network.name) has no name server to learn from where it is. Create it with "
          + "--dns-server")
    }
    for domain in domains where domain.name == network.domain || domain.name.hasSuffix(".\(network.domain)") {
      throw TapestryError(
        .invalidPolicy,
        "'\(domain)' cannot be allowed: it is of network \(network.name)'s own names. Guests reach each other with "
          + "--allow-inter-vm")
    }
  }
}

extension EgressPolicy: LosslessStringConvertible {
  /// `internet allow 10.0.0.0/8:443/tcp deny 203.0.113.0/24 domain *.example.org`.
  public var description: String {
    ([reach?.rawValue] + rules.map(\.description) + domains.map { "domain \($0)" }).compactMap(\.self)
      .joined(separator: " ")
  }

  public init?(_ description: String) {
    self.init()
    guard !description.isEmpty else { return }
    var words = description.split(separator: " ").map(String.init)[...]
    if let reach = words.first.flatMap(Reach.init) {
      self.reach = reach
      words = words.dropFirst()
    }
    while let word = words.popFirst() {
      guard let text = words.popFirst() else { return nil }
      if word == "domain" {
        guard let domain = DomainPattern(text) else { return nil }
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
