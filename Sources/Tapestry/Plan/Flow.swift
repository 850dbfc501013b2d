import NetTypes

/// A connection that the kernel tracks, by the packets of whoever began it.
struct Flow: Hashable, Sendable {
  var source: IPv4Address
  var protocolNumber: UInt8
  /// Where they are sent to.
  var target: Target
  /// Where they go, which is elsewhere where the destination is translated.
  var end: Target

  struct Target: Hashable, Sendable {
    var address: IPv4Address
    /// In host byte order; 0 where the protocol has none.
    var port: UInt16
  }
}

extension Flow: CustomStringConvertible {
  var description: String {
    let traffic = Traffic(
      to: IPv4Prefix(host: target.address), protocols: protocolNumber...protocolNumber,
      ports: target.port == 0 ? Traffic.allPorts : target.port...target.port)
    return "\(source) to \(traffic)"
  }
}

/// Tells which flows the policies do not allow: those that were begun under others. The ruleset itself lets through what
/// belongs to a connection that it once allowed.
struct FlowJudge {
  private let guests: [IPv4Address: Standing]
  private let hostAddresses: Set<IPv4Address>
  /// The networks whose name servers are at these addresses.
  private let nameServers: [IPv4Address: Network]

  /// What holds for a guest.
  private struct Standing {
    /// Its own rules, then its network's.
    var rules: [Set<TrafficRule>]
    var reach: EgressPolicy.Reach
    var hostAccess: HostAccess
  }

  init(_ desired: Desired, _ observed: Observed) {
    let networkRules = Dictionary(desired.networks.map { ($0.name, $0.egress.disjointRules) }) { first, _ in first }
    let standings = desired.guests.map { guest in
      let (own, network) = (guest.lease.egress, guest.network)
      let standing = Standing(
        rules: [own?.disjointRules ?? [], networkRules[network.name] ?? []],
        reach: own?.reach ?? network.egress.reach ?? .all, hostAccess: network.hostAccess)
      return (guest.lease.address, standing)
    }
    guests = Dictionary(standings) { first, _ in first }
    nameServers = Dictionary(
      desired.networks.filter { $0.nameServer != nil }.map { ($0.subnet.gateway, $0) }
    ) { first, _ in first }
    hostAddresses = Set(observed.addresses.map(\.address))
  }

  /// Whether a guest has begun it, and would not be let to now.
  func forbids(_ flow: Flow) -> Bool {
    guard let guest = guests[flow.source] else { return false }
    if guests[flow.end.address] != nil {
      // Guests of one network reach each other with its leave alone; otherwise it is a published port.
      return flow.target != flow.end && !allows(flow, to: flow.target, guest)
    }
    if hostAddresses.contains(flow.end.address) { return !allowsOnHost(flow, guest.hostAccess) }
    return !allows(flow, to: flow.end, guest)
  }

  /// As the chains `egress` and `to_published` do.
  private func allows(_ flow: Flow, to target: Flow.Target, _ guest: Standing) -> Bool {
    for rules in guest.rules {
      let rule = rules.first {
        $0.traffic.contains(target.address, protocolNumber: flow.protocolNumber, port: target.port)
      }
      if let rule { return rule.verdict == .allow }
    }
    guard !SpecialUse.linkLocal.contains(flow.end.address) else { return false }
    switch guest.reach {
    case .all: return true
    case .internet: return !SpecialUse.prefixes.contains { $0.contains(flow.end.address) }
    case .none: return false
    }
  }

  /// As the chain `input` does.
  private func allowsOnHost(_ flow: Flow, _ access: HostAccess) -> Bool {
    if let network = nameServers[flow.end.address],
      NameService.ports(in: network.mode).contains(where: { port, transport in
        port == flow.end.port && transport.number == flow.protocolNumber
      })
    {
      return network.subnet.contains(flow.source)
    }
    if flow.protocolNumber == Traffic.icmp, access.allowsPing { return true }
    return access.traffic.contains {
      $0.contains(flow.end.address, protocolNumber: flow.protocolNumber, port: flow.end.port)
    }
  }
}
