import NetTypes

/// What becomes of some traffic.
public struct TrafficRule: Hashable, Sendable {
  public var verdict: Verdict
  public var traffic: Traffic

  public enum Verdict: String, Hashable, Sendable {
    case allow, deny
  }

  public init(_ verdict: Verdict, _ traffic: Traffic) {
    self.verdict = verdict
    self.traffic = traffic
  }
}

extension TrafficRule: CustomStringConvertible {
  public var description: String { "\(verdict.rawValue) \(traffic)" }
}

extension [TrafficRule] {
  /// The same in rules that do not overlap, so that their order does not matter.
  ///
  /// Of several rules that a packet matches the one with the longest prefix counts; of those the one with the fewest
  /// ports, then the one with the fewest protocols, then one that denies.
  /// - Parameter closed: What no wider prefix lets packets through to.
  func disjoint(closing closed: IPv4Prefix? = nil) -> [TrafficRule] {
    var placed: [TrafficRule] = []
    for rule in sorted(by: { $0.rank < $1.rank }) {
      var parts = [rule.traffic]
      if let closed, rule.verdict == .allow, rule.traffic.destination.prefixLength < closed.prefixLength {
        parts = rule.traffic.subtracting(Traffic(to: closed))
      }
      for other in placed { parts = parts.flatMap { $0.subtracting(other.traffic) } }
      placed += parts.map { TrafficRule(rule.verdict, $0) }
    }
    return placed
  }
}

extension TrafficRule {
  /// Lower ranks count first.
  fileprivate var rank: (Int, Int, Int, Int) {
    (
      -traffic.destination.prefixLength, traffic.ports.count, traffic.protocols.count, verdict == .deny ? 0 : 1
    )
  }
}
