/// Compares guests' connection limits with this host's capacity.
extension Diagnosis {
  /// How many source ports masquerading has per destination server and port: 32768 to 65535.
  private static let sourcePorts = 32_768
  /// The most conntrack entries that one guest can cause: a sixteenth of its limit per second for the two minutes that
  /// closed TCP connections stay, the same number at once, and the open connections.
  private static func remembered(_ limit: Int) -> Int { limit * 19 / 2 }

  /// Returns nil if there are no guests or no connection tracking.
  func connectionLimits(_ observed: Observed) -> Finding? {
    guard let room = facts.connections?.limit, room > 0 else { return nil }
    let guests = observed.ruleset.facts.guests
    guard !guests.isEmpty else { return nil }
    let limits = guests.map { $0.maxConnections ?? .atMost(MaximumConnections.standard) }
    let numbers = limits.compactMap { if case .atMost(let limit) = $0 { Int(limit) } else { nil } }
    let sum = numbers.reduce(0, +)
    var message =
      "\(numbers.count) guest\(numbers.count == 1 ? "" : "s") may have \(sum) connections in total; the host has room for "
      + "\(room) (nf_conntrack_max), and for \(Self.sourcePorts) to one port of one server"
    let unlimited = limits.count - numbers.count
    if unlimited > 0 { message += "; \(unlimited) have no limit" }
    let most = numbers.max() ?? 0
    let wanted = max(sum, Self.remembered(most))
    if unlimited > 0 || most >= Self.sourcePorts {
      return Finding(
        "max-connections", .warning, message + ": one guest can use up all of them",
        advice: "tapestry policy set VM --max-connections \(MaximumConnections.standard)")
    }
    guard wanted > room else { return Finding("max-connections", .ok, message) }
    return Finding(
      "max-connections", .warning, message + (sum > room ? "" : "; closed connections stay for two minutes"),
      advice: "sysctl net.netfilter.nf_conntrack_max=\(wanted * 2), or lower --max-connections")
  }
}
