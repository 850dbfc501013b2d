import NFTables
import NetTypes

/// Reads networks and guests back from tables, even if these differ from what this version makes.
extension Ruleset {
  init(_ tables: [TableContents]) {
    let elements = TableElements(tables)
    let known = Set(RulesetTables.allChains.map(\.id))
    let others = tables.flatMap(\.chains).filter { $0.id.table == RulesetTables.inet.id && !known.contains($0.id) }
    let rules = others.isEmpty ? [] : tables.flatMap(\.rules)
    let lists = others.compactMap { DomainList($0.id, rules) }
    // Keyed by the verdicts that lead to their chains.
    let listsByVerdict = Dictionary(lists.map { ($0.verdict, $0) }) { first, _ in first }
    self.init(
      networks: Set(elements.networks(listsByVerdict)), guests: Set(elements.guests(listsByVerdict)),
      domainLists: Set(lists), connectionLimits: Set(others.compactMap { ConnectionClass($0.id)?.limit }))
  }
}

/// The elements of tables, by set.
private struct TableElements {
  private let all: [NamedSet.ID: [Element]]
  private let objects: [StatefulObject.ID: StatefulObject]

  init(_ tables: [TableContents]) {
    var all: [NamedSet.ID: [Element]] = [:]
    for contents in tables {
      for (name, elements) in contents.elements { all[NamedSet.ID(contents.table.id, name)] = elements }
    }
    self.all = all
    objects = Dictionary(tables.flatMap(\.objects).map { ($0.id, $0) }) { first, _ in first }
  }

  private func elements(of set: some SetDeclaration) -> [Element] { all[set.id, default: []] }

  private subscript<each Key: SetKey>(set: TypedSet<repeat each Key>) -> [(repeat each Key)] {
    elements(of: set).compactMap(set.key)
  }

  private subscript<each Key: SetKey, Value: MapValue>(
    map: TypedMap<repeat each Key, Value>
  ) -> [((repeat each Key), Value)] {
    elements(of: map).compactMap(map.entry)
  }

  // MARK: Both families

  private func both<each Key: SetKey>(_ set: (FamilyTables) -> TypedSet<repeat each Key>) -> [(repeat each Key)] {
    RulesetTables.families.flatMap { self[set($0)] }
  }

  private func values<Key: SetKey & Hashable, Value: MapValue>(
    _ map: (FamilyTables) -> TypedMap<Key, Value>
  ) -> [Key: Value] {
    Dictionary(RulesetTables.families.flatMap { self[map($0)] }) { first, _ in first }
  }

  private func rules<Owner: SetKey & Hashable>(
    _ map: (FamilyTables) -> FamilyTables.Rules<Owner>
  ) -> [Owner: [TrafficRule]] {
    var rules: [Owner: [TrafficRule]] = [:]
    for ((owner, addresses, protocols, ports), verdict) in RulesetTables.families.flatMap({ self[map($0)] }) {
      guard let verdict = TrafficRule.Verdict(verdict) else { continue }
      let range = TrafficRange(verdict: verdict, addresses: addresses, protocols: protocols, ports: ports)
      rules[owner, default: []] += range.rules
    }
    return rules
  }

  // MARK: Networks

  func networks(_ lists: [NFTables.Verdict: DomainList]) -> [Ruleset.NetworkFacts] {
    let names = values(\.networkNames)
    let rules = rules(\.networkRules)
    let reach = values(\.networkReach)
    let ping = Set(both(\.hostPing))
    let access = Dictionary(grouping: both(\.hostAccess), by: \.0)
    let notes = notes
    return elements(of: RulesetTables.bridges).compactMap { .init($0, notes) }.map { (network: Ruleset.NetworkFacts) in
      var network = network
      let prefix = IPPrefix.v4(network.subnet.prefix)
      network.rules = Set(network.prefixes.flatMap { rules[$0, default: []] })
      network.reach = reach[prefix].flatMap(EgressPolicy.Reach.init) ?? .nothing
      network.domains = names[prefix].flatMap { lists[$0] }
      network.answersPing = ping.contains(prefix)
      network.hostTraffic = Set(access[prefix, default: []].map { Traffic(to: .all, protocols: $0.1, ports: $0.2) })
      return network
    }
  }

  // MARK: Guests

  func guests(_ lists: [NFTables.Verdict: DomainList]) -> [Ruleset.GuestFacts] {
    let names = values(\.guestNames)
    let rules = rules(\.guestRules)
    let reach = values(\.guestReach)
    let (rates, published) = (transmitRates, published)
    let dhcp = Set(self[RulesetTables.bridgeDHCP].map(\.0))
    let maximums = values(\.maxConnections)
    let neighbors = Set(both(\.interVMGuests))
    let pairs = both(\.peers)
    let destinations = Dictionary(grouping: pairs, by: \.0)
    let sources = Dictionary(grouping: pairs, by: \.1)
    let notes = notes
    return members.map { guest in
      var guest = guest
      let address = IPAddress.v4(guest.address)
      guest.rules = Set(guest.addresses.flatMap { rules[$0, default: []] })
      guest.domains = names[address].flatMap { lists[$0] }
      guest.asksDHCP = dhcp.contains(guest.tapName)
      guest.maxConnections = maximums[address].flatMap(MaximumConnections.init)
      guest.reaches = Set(guest.addresses.flatMap { destinations[$0, default: []].map(\.1) })
      guest.reachedBy = Set(guest.addresses.flatMap { sources[$0, default: []].map(\.0) })
      guest.hasNeighbors = neighbors.contains(address)
      guest.note = AttachmentSettings(text: notes[guest.tapName, default: ""])?.note ?? ""
      guest.transmitRate = rates[guest.tapName] ?? .init()
      guest.published = published[guest.address] ?? []
      guest.reach = reach[address].flatMap(EgressPolicy.Reach.init) ?? .inherited
      return guest
    }
  }

  /// The guests without their policies and limits.
  private var members: [Ruleset.GuestFacts] {
    let (bridged, routed) = (both(\.bridged), both(\.routed))
    var addresses6: [InterfaceName: IPv6Address] = [:]
    for case (let tapName, _, .v6(let address)) in bridged + routed where !address.isLinkLocal {
      addresses6[tapName] = address
    }
    var translations: [InterfaceName: [IPv4Address: IPv4Address]] = [:]
    for ((tapName, inside), outside) in self[RulesetTables.outer] {
      translations[tapName, default: [:]][inside] = outside
    }
    var guests: [Ruleset.GuestFacts] = []
    for case (let tapName, let mac, .v4(let address)) in bridged {
      guests.append(
        .init(tapName: tapName, mac: mac, address: address, way: .bridged, address6: addresses6[tapName]))
    }
    for case (let tapName, let mac, .v4(let address)) in routed {
      guard let way = Ruleset.GuestFacts.Way(address, translations[tapName]) else { continue }
      guests.append(.init(tapName: tapName, mac: mac, address: address, way: way, address6: addresses6[tapName]))
    }
    return guests
  }

  private var notes: [InterfaceName: String] { Notes.texts(in: elements(of: Notes.set)) }

  private var published: [IPv4Address: Set<PublishedPort>] {
    var ports: [IPv4Address: Set<PublishedPort>] = [:]
    func add(_ address: IPv4Address?, _ number: UInt8, _ port: UInt16, _ guest: GuestPort) {
      guard let transport = Transport(number: number) else { return }
      ports[guest.address, default: []].insert(
        PublishedPort(hostAddress: address, hostPort: port, guestPort: guest.port, transport: transport))
    }
    for ((number, port), guest) in self[RulesetTables.published] { add(nil, number, port, guest) }
    for ((address, number, port), guest) in self[RulesetTables.publishedAt] { add(address, number, port, guest) }
    return ports
  }

  private var transmitRates: [InterfaceName: Ruleset.TransmitRate] {
    var rates: [InterfaceName: Ruleset.TransmitRate] = [:]
    for (bytes, packets) in [
      (RulesetTables.bridgeTransmitBytes, RulesetTables.bridgeTransmitPackets),
      (RulesetTables.transmitBytes, RulesetTables.transmitPackets),
    ] {
      for (tapName, limit) in self[bytes] { rates[tapName, default: .init()].bytes = rate(limit, bytes) }
      for (tapName, limit) in self[packets] { rates[tapName, default: .init()].packets = rate(limit, packets) }
    }
    return rates
  }

  private func rate(_ limit: LimitName, _ map: RulesetTables.Rates) -> UInt64? {
    let object = objects[StatefulObject.ID(map.id.table, .limit, limit.name)]
    guard case .limit(let limit)? = object?.kind else { return nil }
    return limit.rate
  }
}

extension Ruleset.GuestFacts.Way {
  /// Of a guest with a routed TAP. Returns nil if it has translations, but not those of a clone.
  /// - Parameter translations: From the addresses that the guest uses to the outer ones.
  fileprivate init?(_ address: IPv4Address, _ translations: [IPv4Address: IPv4Address]?) {
    guard let translations else {
      self = .routed
      return
    }
    // The pair whose outer address is the guest's has its inner address. The other pair is its gateway's.
    guard let own = translations.first(where: { $0.value == address }),
      let gateway = translations.first(where: { $0.key != own.key })
    else { return nil }
    self = .translated(.init(address: own.key, gateway: gateway.key, outerGateway: gateway.value))
  }
}
