import NetTypes

/// A verdict for some traffic.
public struct TrafficRule: Hashable, Sendable {
  /// Whether the traffic is allowed or denied.
  public var verdict: Verdict
  /// The traffic that the rule is about.
  public var traffic: Traffic

  /// What happens to traffic.
  public enum Verdict: String, Hashable, Sendable {
    /// Accepted, or dropped.
    case allow, deny
  }

  /// Creates a rule.
  public init(_ verdict: Verdict, _ traffic: Traffic) {
    self.verdict = verdict
    self.traffic = traffic
  }

  /// Lower ranks take precedence.
  fileprivate var rank: (Int, Int, Int, Int) {
    (-traffic.destination.prefixLength, traffic.ports.count, traffic.protocols.count, verdict == .deny ? 0 : 1)
  }
}

extension TrafficRule: CustomStringConvertible {
  /// The rule: `allow 203.0.113.7:443/tcp`.
  public var description: String { "\(verdict.rawValue) \(traffic)" }
}

extension [TrafficRule] {
  /// Equivalent rules that do not overlap, so that their order does not matter.
  ///
  /// If a packet matches several rules, the one with the longest prefix wins; then the one with the fewest ports, then
  /// the one with the fewest protocols, then a denial.
  /// - Parameter closed: Prefixes that an allow rule with a shorter prefix does not allow.
  func disjoint(closing closed: [IPPrefix] = []) -> [TrafficRule] {
    var placed: [TrafficRule] = []
    // The traffic that earlier rules decide, before it was split: fewer elements than the parts that are left of it.
    var decided: [Traffic] = []
    for rule in sorted(by: { $0.rank < $1.rank }) {
      var parts = [rule.traffic]
      for closed in closed
      where rule.verdict == .allow && rule.traffic.destination.prefixLength < closed.prefixLength {
        parts = parts.flatMap { $0.subtracting(Traffic(to: closed)) }
      }
      let whole = parts
      for other in decided { parts = parts.flatMap { $0.subtracting(other) } }
      placed += parts.map { TrafficRule(rule.verdict, $0) }
      decided += whole
    }
    return placed
  }

  /// The rules whose verdict applies to no packet, because rules with the opposite verdict decide all of their traffic.
  var withoutEffect: Set<TrafficRule> {
    guard Set(map(\.verdict)).count > 1 else { return [] }
    let placed = disjoint()
    return Set(filter { rule in !placed.contains { $0.verdict == rule.verdict && $0.traffic.overlaps(rule.traffic) } })
  }
}
