import NetTypes

/// Tells which flows lack the translation that they should have: those that began while our tables were not there, after
/// somebody's reload of the ruleset. The kernel translates no connection that it knows already, so what belongs to one of
/// these is dropped, or comes to the host in place of a guest, for as long as more of it comes.
struct FlowTranslations {
  private let host: HostAddresses
  /// The guests' prefixes, all of them.
  private let prefixes: [IPPrefix]
  /// Those whose guests appear under the host's address.
  private let hidden: [IPPrefix]
  private let published: [PublishedPort]
  /// Where name servers answer, whatever is published there.
  private let services: Set<Service>

  private struct Service: Hashable {
    var target: Flow.Target
    var protocolNumber: UInt8
  }

  init(_ desired: Desired, _ host: HostAddresses) {
    self.host = host
    prefixes = desired.networks.flatMap { network in IPFamily.allCases.compactMap(network.prefix) }
    hidden = desired.networks.flatMap { network in
      [network.nat ? network.prefix(.v4) : nil, network.nat6 ? network.prefix(.v6) : nil].compactMap(\.self)
    }
    published = desired.guests.flatMap(\.lease.settings.published)
    services = Set(
      desired.networks.filter { $0.nameServer != nil }.flatMap { network in
        NameService.ports(in: network.mode).map { port, transport in
          Service(
            target: .init(address: .v4(network.subnet.gateway), port: port), protocolNumber: transport.number)
        }
      })
  }

  func lacks(_ flow: Flow) -> Bool { lacksSource(flow) || lacksDestination(flow) }

  /// As the chains `postrouting` and `untranslated` have it.
  private func lacksSource(_ flow: Flow) -> Bool {
    guard flow.showsSource, !host.own.contains(flow.source), hidden.contains(where: { $0.contains(flow.source) })
    else { return false }
    let end = flow.end.address
    // A port of the host leads to a guest of the same network: the answers would go past the host.
    if flow.target != flow.end {
      return prefixes.contains { $0.contains(flow.source) && $0.contains(end) }
    }
    return !host.takesIn(end) && !prefixes.contains { $0.contains(end) } && !end.isOfMany
  }

  /// As the chains `prerouting` and `output` have it.
  private func lacksDestination(_ flow: Flow) -> Bool {
    guard flow.target == flow.end, flow.target.port != 0,
      !services.contains(Service(target: flow.target, protocolNumber: flow.protocolNumber))
    else { return false }
    return published.contains { $0.isTarget(of: flow, host.own) }
  }
}

extension PublishedPort {
  /// Whether the flow was sent to this port of the host.
  func isTarget(of flow: Flow, _ hostAddresses: Set<IPAddress>) -> Bool {
    guard case .v4(let address) = flow.target.address, flow.protocolNumber == transport.number,
      flow.target.port == hostPort
    else { return false }
    return hostAddress.map { $0 == address } ?? hostAddresses.contains(flow.target.address)
  }
}

extension IPAddress {
  /// Whether it is several hosts': multicast, or broadcast.
  fileprivate var isOfMany: Bool {
    switch self {
    case .v4(let address): address.rawValue >> 28 >= 0xe
    case .v6(let address): address.rawValue >> 120 == 0xff
    }
  }
}
