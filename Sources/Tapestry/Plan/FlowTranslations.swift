import NetTypes

/// Finds flows that lack the NAT that they should have: they began while our tables were gone, after somebody reloaded the
/// ruleset. The kernel does not translate a connection that it already knows. So packets of such a connection are dropped,
/// or reach the host instead of a guest, as long as more of them come.
struct FlowTranslations {
  private let host: HostAddresses
  /// The prefixes of all networks' guests.
  private let prefixes: [IPPrefix]
  /// The prefixes whose guests are masqueraded.
  private let hidden: [IPPrefix]
  private let published: [PublishedPort]
  /// The networks whose name servers answer at these addresses, even if the port is published.
  private let nameServers: [IPAddress: Network]

  init(_ desired: Desired, _ host: HostAddresses) {
    self.host = host
    prefixes = desired.networks.flatMap { network in IPFamily.allCases.compactMap(network.prefix) }
    hidden = desired.networks.flatMap { network in
      [network.settings.nat ? network.prefix(.v4) : nil, network.nat6 ? network.prefix(.v6) : nil].compactMap(\.self)
    }
    published = desired.guests.flatMap(\.lease.settings.published)
    nameServers = desired.nameServers
  }

  func lacks(_ flow: Flow) -> Bool { lacksSource(flow) || lacksDestination(flow) }

  /// The same decision as in the chains `postrouting` and `untranslated`.
  private func lacksSource(_ flow: Flow) -> Bool {
    guard flow.keepsSource, !host.own.contains(flow.source), hidden.contains(where: { $0.contains(flow.source) })
    else { return false }
    let end = flow.end.address
    // The host's port leads to a guest of the sender's network: replies would bypass the host.
    if flow.target != flow.end {
      return prefixes.contains { $0.contains(flow.source) && $0.contains(end) }
    }
    return !host.isLocal(end) && !prefixes.contains { $0.contains(end) } && !end.isMulticastOrBroadcast
  }

  /// The same decision as in the chains `prerouting` and `output`.
  private func lacksDestination(_ flow: Flow) -> Bool {
    guard flow.target == flow.end, flow.target.port != 0, nameServers[flow.target.address]?.serves(flow) != true
    else { return false }
    return published.contains { $0.isTarget(of: flow, host.own) }
  }
}

extension Desired {
  /// The networks with name servers, by the addresses where these answer.
  var nameServers: [IPAddress: Network] {
    let served = networks.filter { $0.settings.nameServer != nil }
    return Dictionary(served.map { (.v4($0.subnet.gateway), $0) }) { first, _ in first }
  }
}

extension Network {
  /// Returns true if the flow ends at a port that the network's name server answers on.
  func serves(_ flow: Flow) -> Bool {
    NameService.ports(in: mode).contains { $0.number == flow.end.port && $0.transport.number == flow.protocolNumber }
  }
}

extension PublishedPort {
  /// Returns true if the flow was sent to this port of the host.
  func isTarget(of flow: Flow, _ hostAddresses: Set<IPAddress>) -> Bool {
    guard case .v4(let address) = flow.target.address, flow.protocolNumber == transport.number,
      flow.target.port == hostPort
    else { return false }
    return hostAddress.map { $0 == address } ?? hostAddresses.contains(flow.target.address)
  }
}

extension IPAddress {
  /// Returns true for multicast and broadcast addresses.
  fileprivate var isMulticastOrBroadcast: Bool {
    switch self {
    case .v4(let address): address.rawValue >> 28 >= 0xe
    case .v6(let address): address.rawValue >> 120 == 0xff
    }
  }
}
