import Linux
import NetTypes

/// Findings about networks with IPv6; none if there are no such networks.
extension Diagnosis {
  func ipv6(_ observed: Observed) -> [Finding] {
    let networks = networks.filter { $0.subnet6 != nil }
    guard !networks.isEmpty else { return [] }
    if let error = observed.unsupportedIPv6 {
      return [
        Finding("ipv6", .problem, error.commandLineMessage, advice: "tapestry network create NAME without --subnet6")
      ]
    }
    return [forwarding6(observed)] + overlaps(.v6, observed) + [uplink6(observed)]
  }

  private func forwarding6(_ observed: Observed) -> Finding {
    guard observed.sysctls[.ipv6Forward] != "1" else { return Finding("forwarding", .ok, "IPv6 forwarding is on") }
    return Finding(
      "forwarding", .problem, "IPv6 forwarding was turned off: no guest reaches the outside over IPv6",
      advice: "tapestry repair")
  }

  private func uplink6(_ observed: Observed) -> Finding {
    guard observed.defaultRoutes(.v6).isEmpty else { return Finding("uplink", .ok, "there is an IPv6 default route") }
    return Finding(
      "uplink", .warning, "there is no IPv6 default route: over IPv6, guests reach only this host",
      advice: "ip -6 route add default via GATEWAY dev LINK")
  }
}
