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
  /// - Parameter closed: What no wider prefix lets packets through to, each.
  func disjoint(closing closed: [IPPrefix] = []) -> [TrafficRule] {
    var placed: [TrafficRule] = []
    // What earlier rules decide, each by itself: fewer than the parts that are left of them.
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

  /// Those whose verdict no packet gets, because rules of the other one decide all that they are about.
  var withoutEffect: Set<TrafficRule> {
    guard Set(map(\.verdict)).count > 1 else { return [] }
    let placed = disjoint()
    return Set(
      filter { rule in !placed.contains { $0.verdict == rule.verdict && $0.traffic.overlaps(rule.traffic) } })
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
