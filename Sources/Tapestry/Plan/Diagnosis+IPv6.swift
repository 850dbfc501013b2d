import Linux

/// Of networks with IPv6; nothing where there is none.
extension Diagnosis {
  func ipv6(_ observed: Observed) -> [Finding] {
    let networks = networks.filter { $0.subnet6 != nil }
    guard !networks.isEmpty else { return [] }
    if let error = observed.missingIPv6 { return [Finding("ipv6", .problem, error.message)] }
    let forwarding =
      observed.sysctls[.ipv6Forward] == "1"
      ? Finding("forwarding", .ok, "IPv6 forwarding is on")
      : Finding(
        "forwarding", .problem, "IPv6 forwarding was turned off: no guest reaches the outside by it",
        advice: "tapestry repair")
    return [forwarding] + networks.flatMap { overlap($0, observed) }
  }

  private func overlap(_ network: Network, _ observed: Observed) -> [Finding] {
    guard let subnet = network.subnet6 else { return [] }
    let others = networks.filter { $0.name != network.name }
    let own = isInUse ? network.mark : nil
    guard let other = Overlap.first(of: subnet, others: others, observed: observed, except: own) else {
      return [Finding("subnet", .ok, "\(subnet) of network \(network.name) is its alone")]
    }
    return [
      Finding(
        "subnet", .problem, "\(subnet) of network \(network.name) overlaps \(other)",
        advice: "create another network with --subnet6, and move the guests there")
    ]
  }
}
