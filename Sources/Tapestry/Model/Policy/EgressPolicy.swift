/// What guests may reach through the host.
///
/// The first match decides: the attachment's rules, the network's rules, the domains of either, then the attachment's
/// reach, else the network's. To other guests, after the rules, only `labels` decide.
public struct EgressPolicy: Hashable, Sendable {
  /// What is allowed if no rule and no domain matches.
  public var reach: Reach
  /// Rules about destinations. The most specific one decides; their order does not matter.
  public var rules: [TrafficRule]
  /// Names whose addresses a guest may reach for some time after the network's DNS server resolves them, if they are on
  /// the internet.
  public var domains: [DomainPattern]
  /// Connections are allowed to guests of any network of this host that have one of these labels, or whose network has it.
  /// All other guests are isolated, regardless of the reach, unless the network allows traffic between its guests.
  public var labels: [Label]

  /// What a policy allows if no rule and no domain matches.
  public enum Reach: String, Hashable, Sendable, CaseIterable {
    /// Everything the host reaches except other guests, 169.254.0.0/16 and the IPv6 addresses of the clouds' metadata
    /// services.
    case all
    /// Only the internet: no private, shared, link-local, loopback, multicast or reserved address (RFC 6890).
    case internet
    /// Nothing. The case is not called `none`, because with an Optional that would mean nil.
    case nothing = "none"
    /// The network's reach; for a network itself, `all`.
    case inherited = "inherit"
  }

  /// Creates a policy. Without arguments it inherits everything.
  public init(
    reach: Reach = .inherited, rules: [TrafficRule] = [], domains: [DomainPattern] = [], labels: [Label] = []
  ) {
    self.reach = reach
    self.rules = rules
    self.domains = domains
    self.labels = labels
  }

  /// Whether the policy has neither rules, domains nor labels, and inherits its reach.
  public var isEmpty: Bool { reach == .inherited && rules.isEmpty && domains.isEmpty && labels.isEmpty }

  /// The rules without overlaps, merged into as few as possible.
  var disjointRules: Set<TrafficRule> { Set(rules.disjoint(closing: SpecialUse.closed).ranges.flatMap(\.rules)) }

  /// Traffic that is accepted regardless of the reach.
  public var allow: [Traffic] {
    get { traffic(.allow) }
    set { set(.allow, newValue) }
  }

  /// Traffic that is dropped regardless of the reach.
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
  /// `internet allow 10.0.0.0/8:443/tcp deny 203.0.113.0/24 domain *.example.org label tier=db`.
  public var description: String {
    let lists = rules.map(\.description) + domains.map { "domain \($0)" } + labels.map { "label \($0)" }
    return ([reach == .inherited ? nil : reach.rawValue] + lists).compactMap(\.self).joined(separator: " ")
  }

  /// Returns nil if the text is not a policy's description.
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
      do throws(TapestryError) {
        switch word {
        case "domain": domains.append(try DomainPattern(parsing: text))
        case "label": labels.append(try Label(parsing: text))
        default:
          guard let verdict = TrafficRule.Verdict(rawValue: word) else { return nil }
          rules += try [Traffic](parsing: text).map { TrafficRule(verdict, $0) }
        }
      } catch { return nil }
    }
  }
}
