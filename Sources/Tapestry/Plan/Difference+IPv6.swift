import Linux
import NetTypes

extension Plan {
  /// Repairs what the bridge of a network with IPv6 needs in addition to what every bridge needs.
  mutating func repairIPv6(_ network: Network, _ link: ObservedLink?, _ observed: Observed) {
    guard network.subnet6 != nil else { return }
    if let error = observed.missingIPv6(for: network) {
      return conflicts.append(Conflict(error: error, network: network.name))
    }
    var drift = network.missingAddresses6(on: link).map { "lacks its address \($0)" }
    if link?.settings6?.isDisabled == true { drift.insert("has IPv6 turned off", at: 0) }
    if link?.settings6?.forwarding == 0, observed.sysctls[.ipv6Forward] == "1" { drift.append("does not forward IPv6") }
    if let routers = link?.settings6?.routers, routers != 0 { drift.append("accepts guests' router advertisements") }
    guard !drift.isEmpty else { return }
    add(.addGateway6(network), "bridge \(network.bridge) \(drift.joined(separator: ", "))", network: network.name)
  }

  /// Before forwarding is turned on, sets `accept_ra` to 2 on foreign links that accept router advertisements.
  mutating func repairForwarding6(_ desired: Desired, _ observed: Observed) {
    guard desired.networks.contains(where: { $0.subnet6 != nil && observed.missingIPv6(for: $0) == nil }),
      let present = observed.sysctls[.ipv6Forward], present != "1"
    else { return }
    let believing = observed.sysctls.filter { Forwarding6.wouldIgnoreRouters($0.key, $0.value) }
    for sysctl in believing.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
      add(
        .setSysctl(sysctl, value: "2"),
        "sysctl \(sysctl.rawValue) is 1: with forwarding on, the link would ignore router advertisements")
    }
    add(.setSysctl(.ipv6Forward, value: "1"), "sysctl \(Sysctl.ipv6Forward.rawValue) is \(present), not 1")
  }
}

extension Network {
  /// The host's addresses on the bridge, with prefix length 64. In mode `routed` the gateway's address is on each TAP.
  var bridgeAddresses6: [IPv6Address] {
    (mode == .bridge ? [Self.gateway6] : []) + (hostAddress6.map { [$0] } ?? [])
  }

  /// The addresses of `bridgeAddresses6` that the bridge lacks.
  func missingAddresses6(on link: ObservedLink?) -> [IPv6Address] {
    bridgeAddresses6.filter { link?.addresses[.v6($0)] != 64 }
  }
}

extension Desired.Guest {
  /// Returns nil if the network has no IPv6.
  var address6: IPv6Address? { network.address6(of: lease.mac) }

  /// All addresses that the guest may use: the global or unique local one, and the link-local one.
  var addresses6: [IPv6Address] { address6.map { [$0, .linkLocal(of: lease.mac)] } ?? [] }

  /// All addresses by which the host knows the guest.
  var addresses: [IPAddress] { [.v4(lease.address)] + addresses6.map(IPAddress.v6) }
}

extension ObservedLink {
  /// Describes how the guest's IPv6 differs from the desired state.
  /// - Parameter bridge: The bridge that its TAP is a port of; nil if the TAP is routed.
  func drift6(of guest: Desired.Guest, on bridge: ObservedLink?) -> [String] {
    guard let address = guest.address6 else { return [] }
    let isRouted = guest.network.mode != .bridge
    // A bridge whose MAC changes forgets its neighbours.
    let known = isRouted ? neighbors : bridge?.mac == guest.network.bridgeMAC ? bridge?.neighbors ?? [:] : [:]
    var drift: [String] = []
    if isRouted {
      if settings6?.isDisabled == true { drift.append("has IPv6 turned off") }
      if addresses[.v6(Network.gateway6)] != 64 { drift.append("lacks its address \(Network.gateway6)") }
      if !routedAddresses.contains(.v6(address)) { drift.append("lacks the route to \(address)") }
    }
    for address in guest.addresses6 where known[.v6(address)] != guest.mac {
      drift.append("lacks the neighbour \(address) at \(guest.mac)")
    }
    return drift
  }
}
