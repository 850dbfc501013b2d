import NetTypes

/// The facts that the ruleset is made of. The rules depend only on the kinds of networks (`RulesetParts`). Each fact is an
/// element of a set or map, except lists of domains, which have a chain each.
struct Ruleset: Hashable, Sendable {
  var networks: Set<NetworkFacts> = []
  var guests: Set<GuestFacts> = []
  /// All lists in the ruleset, not only those of networks and guests.
  var domainLists: Set<DomainList> = []
  /// The limits other than the default that guests have.
  var connectionLimits: Set<UInt32> = []

  /// What the ruleset contains about a network.
  struct NetworkFacts: Hashable, Sendable {
    var bridge: InterfaceName
    var subnet: IPv4Subnet
    var nat: Bool
    var allowsInterVM: Bool
    var reach: EgressPolicy.Reach
    /// The rules of the network's policy, without overlaps.
    var rules: Set<TrafficRule>
    var domains: DomainList?
    var answersPing: Bool
    /// What guests may send to the host itself, without overlaps.
    var hostTraffic: Set<Traffic>
    /// The network's own name server, which answers guests at the gateway's address.
    var nameServer: NameServer?
    var mode: Network.Mode
    var snapshot: SnapshotIdentity?
    /// nil if the network has no IPv6; then there are no IPv6 rules for it either.
    var subnet6: IPv6Prefix?
    var nat6 = false
    /// `NetworkSettings.note`: a lost state file is rebuilt from it and from the facts above.
    var note = ""
  }

  /// What a guest may send: frames from this TAP with this MAC and this IPv4 or IPv6 address.
  struct GuestFacts: Hashable, Sendable {
    var tapName: InterfaceName
    var mac: MACAddress
    /// The address by which the host knows the guest.
    var address: IPv4Address
    var way: Way
    /// nil if the network has no IPv6; then there are no IPv6 rules for the guest either.
    var address6: IPv6Address?
    /// The reach of its own policy; `inherited` if the network decides.
    var reach = EgressPolicy.Reach.inherited
    /// The rules of its own policy, without overlaps.
    var rules: Set<TrafficRule> = []
    var domains: DomainList?
    /// Whether it may request its address by DHCP.
    var asksDHCP = false
    /// The ports of the host that are published for it.
    var published: Set<PublishedPort> = []
    var transmitRate = TransmitRate()
    /// nil: the default limit.
    var maxConnections: MaximumConnections?
    /// Whether it reaches other guests through its bridge, and so through the host's forwarding too.
    var hasNeighbors = false
    /// The addresses of guests to which it may open connections, as one of a pair.
    var reaches: Set<IPAddress> = []
    /// The addresses of guests that may open connections to it.
    var reachedBy: Set<IPAddress> = []
    /// `AttachmentSettings.note`.
    var note = ""

    /// How the guest's packets reach the host.
    enum Way: Hashable, Sendable {
      /// Through a bridge port.
      case bridged
      /// Through the TAP itself.
      case routed
      /// Through the TAP itself, with addresses that differ from those that the host knows.
      case translated(Translation)
    }
  }

  /// The rate limit of what a guest sends, per second; nil: no limit.
  struct TransmitRate: Hashable, Sendable {
    var bytes: UInt64?
    var packets: UInt64?
  }

  /// The addresses that a guest uses for itself and its gateway.
  struct Translation: Hashable, Sendable {
    var address: IPv4Address
    var gateway: IPv4Address
    /// The gateway's address on the host.
    var outerGateway: IPv4Address
  }
}

extension Ruleset.NetworkFacts: CustomStringConvertible {
  init(_ network: Network) {
    let settings = network.settings
    self.init(
      bridge: network.bridge, subnet: network.subnet, nat: settings.nat, allowsInterVM: settings.allowsInterVM,
      reach: network.reach, rules: settings.egress.rules(hasIPv6: network.subnet6 != nil),
      domains: DomainList(network.bridge, settings.egress.domains), answersPing: settings.hostAccess.allowsPing,
      hostTraffic: settings.hostAccess.traffic, nameServer: settings.nameServer, mode: network.mode,
      snapshot: network.snapshot, subnet6: network.subnet6, nat6: network.nat6, note: settings.note)
  }

  var description: String {
    var text = "\(bridge) \(subnet)\(nat ? " with NAT" : "")\(allowsInterVM ? ", guests may reach each other" : "")"
    if let subnet6 { text += ", IPv6 \(subnet6)\(nat6 ? " with NAT" : "")" }
    if reach != .all { text += ", egress \(reach.rawValue)" }
    if nameServer != nil { text += ", with a name server" }
    if let domains { text += ", \(domains.patterns.count) domains" }
    if !rules.isEmpty { text += ", \(rules.count) rules" }
    return note.isEmpty ? text : text + " (\(note))"
  }
}

extension Ruleset.GuestFacts: CustomStringConvertible {
  init(_ guest: Desired.Guest) {
    let way: Way =
      switch (guest.network.mode, guest.network.snapshot) {
      case (.bridge, _): .bridged
      case (.clone, let snapshot?):
        .translated(
          .init(
            address: snapshot.address, gateway: snapshot.gateway, outerGateway: guest.network.subnet.gateway))
      case (.routed, _), (.clone, nil): .routed
      }
    self.init(tapName: guest.lease.tapName, mac: guest.mac, address: guest.lease.address, way: way)
    address6 = guest.address6
    published = Set(guest.lease.settings.published)
    asksDHCP = NameService(guest.network)?.servesDHCP ?? false
    let limit = guest.lease.settings.rateLimit
    transmitRate = .init(bytes: limit.transmitBytes, packets: limit.transmitPackets)
    maxConnections = guest.lease.settings.maxConnections
    hasNeighbors = way == .bridged && guest.network.settings.allowsInterVM
    let egress = guest.lease.settings.egress
    reach = egress.reach
    rules = egress.rules(hasIPv6: address6 != nil)
    domains = DomainList(guest.network.bridge, egress.domains)
    note = guest.lease.settings.note
  }

  var description: String {
    var text = "\(tapName) \(mac) \(address)"
    if case .translated(let inner) = way { text = "\(tapName) \(mac) \(inner.address) as \(address)" }
    if let address6 { text += ", IPv6 \(address6)" }
    if reach != .inherited { text += ", egress \(reach.rawValue)" }
    if !rules.isEmpty { text += ", \(rules.count) rules" }
    if let domains { text += ", \(domains.patterns.count) domains" }
    if let bytes = transmitRate.bytes { text += ", \(bytes) bytes/s" }
    if let packets = transmitRate.packets { text += ", \(packets) packets/s" }
    if let maxConnections { text += ", connections \(maxConnections)" }
    if asksDHCP { text += ", DHCP" }
    if !reaches.isEmpty { text += ", to \(reaches.count) guests' addresses" }
    if !reachedBy.isEmpty { text += ", from \(reachedBy.count) guests' addresses" }
    if !published.isEmpty { text += ", " + published.sorted().map(\.place).joined(separator: ", ") }
    return note.isEmpty ? text : text + " (\(note))"
  }
}

extension EgressPolicy {
  /// The rules without overlaps. IPv6 rules are left out without IPv6.
  func rules(hasIPv6: Bool) -> Set<TrafficRule> {
    disjointRules.filter { if case .v6 = $0.traffic.destination { hasIPv6 } else { true } }
  }
}

/// A difference between two rulesets, applied in one transaction. A fact that changes is both removed and added; the part
/// that both versions have in common stays as it is.
struct RulesetChange: Hashable, Sendable {
  var addedNetworks: [Ruleset.NetworkFacts] = []
  var removedNetworks: [Ruleset.NetworkFacts] = []
  var addedGuests: [Ruleset.GuestFacts] = []
  var removedGuests: [Ruleset.GuestFacts] = []
  /// The parts of the ruleset before this change and after it; nil: the same.
  var parts: RulesetParts.Change?
  /// Added first. Existing sets of theirs stay as they are.
  var addedDomains: [DomainList] = []
  /// Removed last.
  var removedDomains: [DomainList] = []
  /// Sets that no list uses any more.
  var removedDomainSets: Set<DomainSet> = []
  /// Added before the guests that have them.
  var addedConnectionLimits: Set<UInt32> = []
  /// Removed after those guests.
  var removedConnectionLimits: Set<UInt32> = []

  var isEmpty: Bool { onlyRemoves && onlyAdds }
  var onlyRemoves: Bool {
    addedNetworks.isEmpty && addedGuests.isEmpty && addedDomains.isEmpty && addedConnectionLimits.isEmpty
      && parts?.onlyRemoves != false
  }
  var onlyAdds: Bool {
    removedNetworks.isEmpty && removedGuests.isEmpty && removedDomains.isEmpty && removedConnectionLimits.isEmpty
      && parts?.onlyAdds != false
  }

  mutating func append(_ other: RulesetChange) {
    addedNetworks += other.addedNetworks
    removedNetworks += other.removedNetworks
    addedGuests += other.addedGuests
    removedGuests += other.removedGuests
    parts = other.parts.map { RulesetParts.Change(from: parts?.old ?? $0.old, to: $0.new) } ?? parts
    addedDomains += other.addedDomains
    removedDomains += other.removedDomains
    removedDomainSets.formUnion(other.removedDomainSets)
    addedConnectionLimits.formUnion(other.addedConnectionLimits)
    removedConnectionLimits.formUnion(other.removedConnectionLimits)
  }
}

extension Sequence<Ruleset.GuestFacts> {
  /// The limits that need a chain of their own.
  var connectionLimits: Set<UInt32> {
    reduce(into: []) { limits, guest in
      if let maximum = guest.maxConnections, maximum.hasChain, case .atMost(let limit) = maximum {
        limits.insert(limit)
      }
    }
  }
}
