import NetTypes

/// A connection that the kernel tracks, described by the packets in its original direction.
struct Flow: Hashable, Sendable {
  var source: IPAddress
  var protocolNumber: UInt8
  /// The destination that the sender uses.
  var target: Target
  /// The destination after DNAT; without DNAT, the same as `target`.
  var end: Target
  /// The destination of reply packets, which differs from the source if that is translated; nil: the source.
  var answered: IPAddress?

  /// Returns true if the other end sees the untranslated source.
  var keepsSource: Bool { answered == nil || answered == source }

  struct Target: Hashable, Sendable {
    var address: IPAddress
    /// In host byte order; 0 if the protocol has no ports.
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

/// Finds flows that the policies do not allow because they began under other policies. The ruleset itself accepts all
/// packets of a connection that it once allowed.
struct FlowJudge {
  /// By each of their addresses. Several guests of different networks may have the same link-local address.
  private let guests: [IPAddress: [EffectivePolicy]]
  private let pairs: Set<GuestPair>
  private let host: HostAddresses
  /// The networks whose name servers have these addresses.
  private let nameServers: [IPAddress: Network]

  private let learnt: [DomainSet: Set<IPAddress>]
  /// The NAT that flows should have.
  let translations: FlowTranslations

  /// The policy that applies to a guest.
  private struct EffectivePolicy {
    var key: AttachmentKey
    /// The network, if its guests may reach each other.
    var openNetwork: Identifier?
    /// The guest's own rules, then its network's.
    var rules: [Set<TrafficRule>]
    /// The guest's own domains and its network's.
    var domains: Set<DomainSet>
    /// Whether to allow connections to addresses that are not, or no longer, in the domains' sets: learnt addresses
    /// expire, and connections may last longer.
    var isTrusted: Bool
    var reach: EgressPolicy.Reach
    var hostAccess: HostAccess

    /// That of the first rule that matches; nil if none does.
    func verdict(of flow: Flow, to target: Flow.Target) -> TrafficRule.Verdict? {
      rules.joined().first {
        $0.traffic.contains(target.address, protocolNumber: flow.protocolNumber, port: target.port)
      }?.verdict
    }
  }

  /// - Parameters:
  ///   - learnt: Addresses in the sets of the suspects' domains.
  ///   - suspects: Guests whose policies have just changed, so that their connections may have been allowed by other
  ///     policies.
  init(_ desired: Desired, _ host: HostAddresses, learnt: [DomainSet: Set<IPAddress>], suspects: Set<AttachmentKey>) {
    self.learnt = learnt
    let networkRules = Dictionary(desired.networks.map { ($0.name, $0.settings.egress.disjointRules) }) { $1 }
    let policies = desired.guests.flatMap { guest in
      let (own, network) = (guest.lease.settings.egress, guest.network)
      let policy = EffectivePolicy(
        key: guest.lease.key, openNetwork: network.settings.allowsInterVM ? network.name : nil,
        rules: [own.disjointRules, networkRules[network.name] ?? []],
        domains: guest.domains, isTrusted: !suspects.contains(guest.lease.key),
        reach: network.reach(of: own), hostAccess: network.settings.hostAccess)
      return guest.addresses.map { ($0, [policy]) }
    }
    guests = Dictionary(policies) { $0 + $1 }
    pairs = desired.pairs
    nameServers = desired.nameServers
    self.host = host
    translations = FlowTranslations(desired, host)
  }

  /// Returns true if the flow must end: its sender may not begin it now, or it would now begin with NAT.
  func mustEnd(_ flow: Flow) -> Bool { forbids(flow) || translations.lacks(flow) }

  /// Returns true if a guest began the flow and would not be allowed to begin it now.
  func forbids(_ flow: Flow) -> Bool {
    guard let policies = guests[flow.source] else { return false }
    return policies.allSatisfy { forbids(flow, of: $0) }
  }

  private func forbids(_ flow: Flow, of guest: EffectivePolicy) -> Bool {
    if let others = guests[flow.end.address] {
      // Any other flow between guests uses a published port.
      return flow.target == flow.end
        ? !others.contains { allows(flow, guest, directlyTo: $0) } : !allows(flow, to: flow.target, guest)
    }
    if host.isLocal(flow.end.address) { return !allowsOnHost(flow, guest.hostAccess) }
    return !allows(flow, to: flow.end, guest)
  }

  /// The same decision as in the chains `among_guests` and `to_peer`.
  private func allows(_ flow: Flow, _ guest: EffectivePolicy, directlyTo other: EffectivePolicy) -> Bool {
    if let network = guest.openNetwork, network == other.openNetwork { return true }
    guard pairs.contains(GuestPair(source: guest.key, destination: other.key)) else { return false }
    return guest.verdict(of: flow, to: flow.target).map { $0 == .allow } ?? true
  }

  /// The same decision as in the chains `egress` and `to_published`.
  private func allows(_ flow: Flow, to target: Flow.Target, _ guest: EffectivePolicy) -> Bool {
    guard !SpecialUse.isNeverForwarded(flow.end.address) else { return false }
    if let verdict = guest.verdict(of: flow, to: target) { return verdict == .allow }
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

  /// The same decision as in the chain `input`.
  private func allowsOnHost(_ flow: Flow, _ access: HostAccess) -> Bool {
    if let network = nameServers[flow.end.address] {
      if NameServerRole.resolverPorts.contains(flow.end.port) { return false }
      if network.serves(flow) { return IPPrefix.v4(network.subnet.prefix).contains(flow.source) }
    }
    if [Traffic.icmp, Traffic.icmpv6].contains(flow.protocolNumber), access.allowsPing { return true }
    return access.traffic.contains { $0.isOfService(protocolNumber: flow.protocolNumber, port: flow.end.port) }
  }
}
