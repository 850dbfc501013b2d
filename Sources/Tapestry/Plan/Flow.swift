import NetTypes

/// A connection that the kernel tracks, by the packets of whoever began it.
struct Flow: Hashable, Sendable {
  var source: IPAddress
  var protocolNumber: UInt8
  /// Where they are sent to.
  var target: Target
  /// Where they go, which is elsewhere where the destination is translated.
  var end: Target
  /// Where answers are sent to, which is elsewhere than the source where that is translated; nil: to the source.
  var answered: IPAddress?

  /// Whether whoever is at the other end sees the source itself.
  var showsSource: Bool { answered == nil || answered == source }

  struct Target: Hashable, Sendable {
    var address: IPAddress
    /// In host byte order; 0 where the protocol has none.
    var port: UInt16
  }
}

extension Flow: CustomStringConvertible {
  var description: String {
    let traffic = Traffic(
      to: .host(target.address), protocols: protocolNumber...protocolNumber,
      ports: target.port == 0 ? Traffic.allPorts : target.port...target.port)
    return "\(source) to \(traffic)"
  }
}

/// Tells which flows the policies do not allow: those that were begun under others. The ruleset itself lets through what
/// belongs to a connection that it once allowed.
struct FlowJudge {
  /// By every address of theirs. Those of a link may be several guests', of different networks.
  private let guests: [IPAddress: [Standing]]
  private let host: HostAddresses
  /// The networks whose name servers are at these addresses.
  private let nameServers: [IPAddress: Network]

  private let learnt: [DomainSet: Set<IPAddress>]
  /// What is to be translated.
  let translations: FlowTranslations

  /// What holds for a guest.
  private struct Standing {
    /// Its own rules, then its network's.
    var rules: [Set<TrafficRule>]
    /// Its own, and its network's.
    var domains: Set<DomainSet>
    /// Whether what is not known to be allowed by a domain, or any more, is allowed: what was learnt is forgotten after
    /// some time, and connections last longer.
    var isTrusted: Bool
    var reach: EgressPolicy.Reach
    var hostAccess: HostAccess
  }

  /// - Parameters:
  ///   - learnt: what the sets of the suspects' domains have.
  ///   - suspects: those whose policies were just changed, so that what they began may have been allowed by others.
  init(
    _ desired: Desired, _ host: HostAddresses, learnt: [DomainSet: Set<IPAddress>], suspects: Set<AttachmentKey>
  ) {
    self.learnt = learnt
    let networkRules = Dictionary(desired.networks.map { ($0.name, $0.egress.disjointRules) }) { first, _ in first }
    let standings = desired.guests.flatMap { guest in
      let (own, network) = (guest.lease.settings.egress, guest.network)
      let standing = Standing(
        rules: [own.disjointRules, networkRules[network.name] ?? []],
        domains: guest.domains, isTrusted: !suspects.contains(guest.lease.key),
        reach: network.reach(of: own), hostAccess: network.hostAccess)
      return ([.v4(guest.lease.address)] + guest.addresses6.map(IPAddress.v6)).map { ($0, [standing]) }
    }
    guests = Dictionary(standings) { $0 + $1 }
    nameServers = Dictionary(
      desired.networks.filter { $0.nameServer != nil }.map { (.v4($0.subnet.gateway), $0) }
    ) { first, _ in first }
    self.host = host
    translations = FlowTranslations(desired, host)
  }

  /// Whether it is to end: nobody would let it begin, or it would begin translated.
  func condemns(_ flow: Flow) -> Bool { forbids(flow) || translations.lacks(flow) }

  /// Whether a guest has begun it, and would not be let to now.
  func forbids(_ flow: Flow) -> Bool {
    guard let standings = guests[flow.source] else { return false }
    return standings.allSatisfy { forbids(flow, of: $0) }
  }

  private func forbids(_ flow: Flow, of guest: Standing) -> Bool {
    if guests[flow.end.address] != nil {
      // Guests of one network reach each other with its leave alone; otherwise it is a published port.
      return flow.target != flow.end && !allows(flow, to: flow.target, guest)
    }
    if host.takesIn(flow.end.address) { return !allowsOnHost(flow, guest.hostAccess) }
    return !allows(flow, to: flow.end, guest)
  }

  /// As the chains `egress` and `to_published` do.
  private func allows(_ flow: Flow, to target: Flow.Target, _ guest: Standing) -> Bool {
    guard !SpecialUse.isNeverForwarded(flow.end.address) else { return false }
    for rules in guest.rules {
      let rule = rules.first {
        $0.traffic.contains(target.address, protocolNumber: flow.protocolNumber, port: target.port)
      }
      if let rule { return rule.verdict == .allow }
    }
    guard !SpecialUse.isClosed(flow.end.address) else { return false }
    if !guest.domains.isEmpty, target == flow.end, !SpecialUse.contains(target.address),
      guest.isTrusted || guest.domains.contains(where: { learnt[$0]?.contains(target.address) == true })
    {
      return true
    }
    switch guest.reach {
    case .all, .inherited: return true
    case .internet: return !SpecialUse.contains(flow.end.address)
    case .nothing: return false
    }
  }

  /// As the chain `input` does.
  private func allowsOnHost(_ flow: Flow, _ access: HostAccess) -> Bool {
    let network = nameServers[flow.end.address]
    if network != nil, NameServerRole.resolverPorts.contains(flow.end.port) { return false }
    if let network,
      NameService.ports(in: network.mode).contains(where: { port, transport in
        port == flow.end.port && transport.number == flow.protocolNumber
      })
    {
      return IPPrefix.v4(network.subnet.prefix).contains(flow.source)
    }
    if [Traffic.icmp, Traffic.icmpv6].contains(flow.protocolNumber), access.allowsPing { return true }
    return access.traffic.contains { $0.isOfService(protocolNumber: flow.protocolNumber, port: flow.end.port) }
  }
}
