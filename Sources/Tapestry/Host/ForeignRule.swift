import NetTypes

/// A rule of another program's chain, as far as it matters to forwarded packets.
struct ForeignRule: Hashable {
  /// Whose packets it is for; nil for those of either family.
  var family: IPFamily?
  /// The packets that it is for.
  var scope = Scope.all
  /// What becomes of them.
  var outcome = Outcome.goesOn
  /// The addresses that it names, whatever else it asks for.
  var source: IPPrefix?
  var destination: IPPrefix?
  /// Whether it asks for more than addresses.
  var isConditional = false
  /// Whose it is, where it carries our mark.
  var network: Identifier?

  enum Scope: Hashable {
    case all
    case some(ForeignForward.Acceptance)
    /// Those of connections that are known already.
    case answers
    /// Those of connections whose destination was translated: to published ports.
    case redirected
    /// Those of which more must be true than addresses tell.
    case unknown
  }

  enum Outcome: Hashable {
    case accept, `return`
    /// Rejecting too.
    case drop
    case jump(String)
    case goto(String)
    /// The next rule.
    case goesOn
    /// Nothing that is known, and so perhaps the end.
    case unknown

    /// What an extension of iptables(8) does that is no verdict.
    init(extension name: String) {
      self = name == "REJECT" ? .drop : Self.passingExtensions.contains(name) ? .goesOn : .unknown
    }

    /// After which the next rule is next: iptables-extensions(8).
    private static let passingExtensions: Set<String> = [
      "AUDIT", "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DSCP", "ECN", "HL", "HMARK", "IDLETIMER",
      "LED",
      "LOG", "MARK", "NFLOG", "NOTRACK", "RATEEST", "SECMARK", "SET", "TCPMSS", "TCPOPTSTRIP", "TEE", "TOS", "TRACE",
      "TTL",
      "ULOG",
    ]
  }

  /// Asks something more of a packet.
  mutating func ask(_ condition: Scope) {
    scope = scope.and(condition)
    switch condition {
    case .all: break
    case .some(let acceptance) where acceptance.end == .source: source = acceptance.prefix
    case .some(let acceptance): destination = acceptance.prefix
    case .answers, .redirected, .unknown: isConditional = true
    }
  }

  /// What the rule lets through; nil for any other rule.
  var accepts: ForeignForward.Acceptance? {
    guard outcome == .accept, case .some(let acceptance) = scope else { return nil }
    return acceptance
  }
}

extension ForeignRule.Scope {
  /// The packets that are in both.
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

/// The way of a forwarded packet through another program's chains: what lets it through, or ends its way, whatever else
/// is true of it.
struct ForeignWalk {
  var accepted: Set<ForeignForward.Acceptance> = []
  /// What becomes of a packet that no rule knows.
  var end = End.falls

  enum End { case accepts, drops, falls }

  /// No program nests its chains deeper than this; the kernel's own bound is 16.
  static let deepest = 16

  private let family: IPFamily
  private var acceptsAnswers = false
  private var acceptsRedirected = false

  /// - Parameter family: that of the packet; rules of another do not meet it.
  init<Failure: Error>(
    of chain: String, _ family: IPFamily, rules: (String) throws(Failure) -> [ForeignRule]
  ) throws(Failure) {
    self.family = family
    end = try walk(chain, .all, 0, rules)
    // No more than these ever comes to a guest from outside.
    if acceptsAnswers, acceptsRedirected { accepted.formUnion(everything.filter { $0.end == .destination }) }
  }

  /// Whatever is accepted.
  private var everything: [ForeignForward.Acceptance] { ForeignForward.acceptances(.everything(family)) }

  private mutating func walk<Failure: Error>(
    _ chain: String, _ outer: ForeignRule.Scope, _ depth: Int, _ rules: (String) throws(Failure) -> [ForeignRule]
  ) throws(Failure) -> End {
    guard depth < Self.deepest else { return .falls }
    for rule in try rules(chain) where rule.network == nil && (rule.family ?? family) == family {
      let scope = outer.and(rule.scope)
      // Of such a packet nothing can be said.
      guard scope != .unknown else { continue }
      let isForAll = rule.scope == .all
      switch rule.outcome {
      case .accept:
        accept(scope)
        if isForAll { return .accepts }
      case .drop: if isForAll { return .drops }
      case .return: if isForAll { return .falls }
      case .jump(let next):
        let end = try walk(next, scope, depth + 1, rules)
        if isForAll, end != .falls { return end }
      case .goto(let next):
        let end = try walk(next, scope, depth + 1, rules)
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
