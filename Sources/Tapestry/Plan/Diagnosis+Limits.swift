/// What guests' limits of connections come to on this host.
extension Diagnosis {
  /// The ports from which masquerading chooses towards one server and port: 32768 to 65535.
  private static let sourcePorts = 32_768
  /// What one guest can have the host remember: a sixteenth of its limit a second for the two minutes that TCP's closed
  /// connections stay, as many at once, and those that are open.
  private static func remembered(_ limit: Int) -> Int { limit * 19 / 2 }

  /// nil where there are no guests, or no connection tracking.
  func connectionLimits(_ observed: Observed) -> Finding? {
    guard let room = facts.connections?.limit, room > 0 else { return nil }
    let guests: [Ruleset.GuestFacts] =
      switch observed.ruleset {
      case .intact(let ruleset), .altered(let ruleset): Array(ruleset.guests)
      case .missing, .foreign: []
      }
    guard !guests.isEmpty else { return nil }
    let limits = guests.map { $0.maxConnections ?? .atMost(MaximumConnections.standard) }
    let numbers = limits.compactMap { if case .atMost(let limit) = $0 { Int(limit) } else { nil } }
    let sum = numbers.reduce(0, +)
    var message =
      "\(numbers.count) guest\(numbers.count == 1 ? "" : "s") may have \(sum) connections together: there is room for "
      + "\(room) (nf_conntrack_max), and for \(Self.sourcePorts) towards one server's port"
    let unlimited = limits.count - numbers.count
    if unlimited > 0 { message += "; \(unlimited) may have any number" }
    let most = numbers.max() ?? 0
    let wanted = max(sum, Self.remembered(most))
    if unlimited > 0 || most >= Self.sourcePorts {
      return Finding(
        "max-connections", .warning, message + ": one guest alone can leave others none",
        advice: "tapestry policy set VM --max-connections \(MaximumConnections.standard)")
    }
    guard wanted > room else { return Finding("max-connections", .ok, message) }
    return Finding(
      "max-connections", .warning, message + (sum > room ? "" : "; closed ones stay for two minutes"),
      advice: "sysctl net.netfilter.nf_conntrack_max=\(wanted * 2), or lower --max-connections")
  }
}
