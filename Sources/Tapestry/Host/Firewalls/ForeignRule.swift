import NetTypes

/// A rule of a foreign chain, as far as it matters to forwarded packets.
struct ForeignRule: Hashable {
  /// The family of the packets that it matches; nil if it matches both.
  var family: IPFamily?
  /// The packets that it matches.
  var scope = Scope.all
  /// What the rule does with them.
  var outcome = Outcome.goesOn
  /// The addresses that it matches, regardless of its other conditions.
  var source: IPPrefix?
  var destination: IPPrefix?
  /// Whether it has conditions other than addresses.
  var isConditional = false
  /// The network in our mark; nil without a mark.
  var network: Identifier?

  enum Scope: Hashable {
    case all
    case some(ForeignForward.Acceptance)
    /// Packets of established connections.
    case answers
    /// Packets of connections with DNAT: to published ports.
    case redirected
    /// Packets that must meet further, unknown conditions.
    case unknown
  }

  enum Outcome: Hashable {
    case accept, `return`
    /// Includes reject.
    case drop
    case jump(String)
    case goto(String)
    /// Continues with the next rule.
    case goesOn
    /// Unknown, so it may end the traversal.
    case unknown

    /// The outcome of an iptables(8) target extension that is no verdict.
    init(extension name: String) {
      self = name == "REJECT" ? .drop : Self.passingExtensions.contains(name) ? .goesOn : .unknown
    }

    /// Extensions after which the next rule follows: iptables-extensions(8).
    private static let passingExtensions: Set<String> = [
      "AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER",
      "LED", "LOG", "MARK", "NFLOG", "NOTRACK", "RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS",
      "TRACE", "TTL", "ULOG",
    ]
  }

  /// Adds a condition.
  mutating func ask(_ condition: Scope) {
    scope = scope.and(condition)
    switch condition {
    case .all: break
    case .some(let acceptance) where acceptance.end == .source: source = acceptance.prefix
    case .some(let acceptance): destination = acceptance.prefix
    case .answers, .redirected, .unknown: isConditional = true
    }
  }

  /// What the rule accepts. Returns nil for any other rule.
  var accepts: ForeignForward.Acceptance? {
    guard outcome == .accept, case .some(let acceptance) = scope else { return nil }
    return acceptance
  }
}

extension ForeignRule.Scope {
  /// The packets in both scopes.
  func and(_ other: Self) -> Self {
    switch (self, other) {
    case (.all, let scope), (let scope, .all): scope
    case (.some(let one), .some(let two)) where one.covers(two): other
    case (.some(let one), .some(let two)) where two.covers(one): self
    case _ where self == other: self
    default: .unknown
    }
  }
}

/// Follows a forwarded packet through foreign chains: finds what accepts it, or ends its traversal, regardless of its
/// unknown properties.
struct ForeignWalk {
  var accepted: Set<ForeignForward.Acceptance> = []
  /// What happens to a packet that no rule matches.
  var end = End.falls

  enum End { case accepts, drops, falls }

  /// No program nests its chains deeper than this; the kernel's limit is 16.
  static let maximumDepth = 16

  private let family: IPFamily
  private var acceptsAnswers = false
  private var acceptsRedirected = false

  /// - Parameter family: The packet's family; rules of the other family are skipped.
  init(of chain: String, _ family: IPFamily, rules: (String) -> [ForeignRule]) {
    self.family = family
    end = walk(chain, .all, 0, rules)
    // From outside, only these packets reach a guest.
    if acceptsAnswers, acceptsRedirected { accepted.formUnion(everything.filter { $0.end == .destination }) }
  }

  /// All packets of the family.
  private var everything: [ForeignForward.Acceptance] { ForeignForward.acceptances(.everything(family)) }

  private mutating func walk(
    _ chain: String, _ outer: ForeignRule.Scope, _ depth: Int, _ rules: (String) -> [ForeignRule]
  ) -> End {
    guard depth < Self.maximumDepth else { return .falls }
    for rule in rules(chain) where rule.network == nil && rule.isFor(family) {
      let scope = outer.and(rule.scope)
      // Nothing is known about such packets.
      guard scope != .unknown else { continue }
      let isForAll = rule.scope == .all
      switch rule.outcome {
      case .accept:
        accept(scope)
        if isForAll { return .accepts }
      case .drop: if isForAll { return .drops }
      case .return: if isForAll { return .falls }
      case .jump(let next):
        let end = walk(next, scope, depth + 1, rules)
        if isForAll, end != .falls { return end }
      case .goto(let next):
        let end = walk(next, scope, depth + 1, rules)
        if isForAll { return end }
      case .goesOn, .unknown: break
      }
    }
    return .falls
  }

  private mutating func accept(_ scope: ForeignRule.Scope) {
    switch scope {
    case .all: accepted.formUnion(everything)
    case .some(let acceptance): accepted.insert(acceptance)
    case .answers: acceptsAnswers = true
    case .redirected: acceptsRedirected = true
    case .unknown: break
    }
  }
}
