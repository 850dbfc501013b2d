import NFTables
import NetTypes

/// Reads networks and guests back from tables, even if these differ from what this version makes.
extension Ruleset {
  init(_ tables: [TableContents]) {
    let elements = TableElements(tables)
    let known = Set(RulesetTables.chains.map(\.id))
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
  private let objects: [Table.ID: [String: StatefulObject]]

  init(_ tables: [TableContents]) {
    var all: [NamedSet.ID: [Element]] = [:]
    for contents in tables {
      for (name, elements) in contents.elements { all[NamedSet.ID(contents.table.id, name)] = elements }
    }
    self.all = all
    objects = Dictionary(
      tables.map { contents in
        (contents.table.id, Dictionary(contents.objects.map { ($0.name, $0) }) { first, _ in first })
      }
    ) { first, _ in first }
  }

  subscript(set: NamedSet) -> [Element] { all[set.id, default: []] }

  private func byTap(_ set: NamedSet) -> [InterfaceName: Element] {
    Dictionary(self[set].compactMap { element in element.key.first?.interfaceName.map { ($0, element) } }) { $1 }
  }

  /// Keyed by the guest's address, or the subnet's.
  private func byOwner(_ set: KeyPath<FamilyTables, NamedSet>) -> [IPAddress: [Element]] {
    RulesetTables.families.flatMap { self[$0[keyPath: set]] }.reduce(into: [:]) { elements, element in
      if let owner = element.owner { elements[owner, default: []].append(element) }
    }
  }

  // MARK: Networks

  func networks(_ lists: [NFTables.Verdict: DomainList]) -> [Ruleset.NetworkFacts] {
    let names = byOwner(\.networkNames)
    let rules = byOwner(\.networkRules)
    let reach = byOwner(\.networkReach)
    let ping = byOwner(\.hostPing)
    let access = byOwner(\.hostAccess)
    return self[RulesetTables.bridges].compactMap(Ruleset.NetworkFacts.init).map { network in
      var network = network
      let owner = IPAddress.v4(network.subnet.networkAddress)
      let own = rules[owner, default: []] + (network.subnet6.flatMap { rules[.v6($0.address)] } ?? [])
      network.rules = Set(own.compactMap(TrafficRange.init).flatMap(\.rules))
      network.reach = reach[owner]?.first.flatMap(EgressPolicy.Reach.init) ?? .nothing
      network.domains = names[owner]?.first?.verdict.flatMap { lists[$0] }
      network.answersPing = ping[owner] != nil
      network.hostTraffic = Set(access[owner, default: []].compactMap(Traffic.init(toHost:)))
      return network
    }
  }

  // MARK: Guests

  func guests(_ lists: [NFTables.Verdict: DomainList]) -> [Ruleset.GuestFacts] {
    let names = byOwner(\.guestNames)
    let rules = byOwner(\.guestRules)
    let reach = byOwner(\.guestReach)
    let addresses6 = Ruleset.GuestFacts.addresses6(self[RulesetTables.v6.bridged] + self[RulesetTables.v6.routed])
    let ports = self[RulesetTables.published] + self[RulesetTables.publishedAt]
    let rates = transmitRates
    let dhcp = byTap(RulesetTables.bridgeDHCP)
    let maximums = byOwner(\.maxConnections)
    let neighbors = byOwner(\.interVMGuests)
    let published = Dictionary(grouping: ports.compactMap(PublishedPort.guest), by: \.guest)
    return members.map { guest in
      var guest = guest
      guest.address6 = addresses6[guest.tapName]
      let own = rules[.v4(guest.address), default: []] + (guest.address6.flatMap { rules[.v6($0)] } ?? [])
      guest.rules = Set(own.compactMap(TrafficRange.init).flatMap(\.rules))
      guest.domains = names[.v4(guest.address)]?.first?.verdict.flatMap { lists[$0] }
      guest.asksDHCP = dhcp[guest.tapName] != nil
      guest.maxConnections = maximums[.v4(guest.address)]?.first?.verdict.flatMap(MaximumConnections.init)
      guest.hasNeighbors = neighbors[.v4(guest.address)] != nil
      guest.transmitRate = rates[guest.tapName] ?? .init()
      guest.published = Set(published[guest.address, default: []].map(\.port))
      guest.reach = reach[.v4(guest.address)]?.first.flatMap(EgressPolicy.Reach.init) ?? .inherited
      return guest
    }
  }

  /// The guests without their policies and limits.
  private var members: [Ruleset.GuestFacts] {
    let translations = Ruleset.GuestFacts.translations(self[RulesetTables.outer])
    return self[RulesetTables.v4.bridged].compactMap { Ruleset.GuestFacts($0, way: .bridged) }
      + self[RulesetTables.v4.routed].compactMap {
        Ruleset.GuestFacts($0, way: .routed, translations: translations)
      }
  }

  private var transmitRates: [InterfaceName: Ruleset.TransmitRate] {
    var rates: [InterfaceName: Ruleset.TransmitRate] = [:]
    for (bytes, packets) in [
      (RulesetTables.bridgeTransmitBytes, RulesetTables.bridgeTransmitPackets),
      (RulesetTables.transmitBytes, RulesetTables.transmitPackets),
    ] {
      let (bytesByTap, packetsByTap) = (byTap(bytes), byTap(packets))
      for tap in Set(bytesByTap.keys).union(packetsByTap.keys) {
        rates[tap] = .init(
          bytes: bytesByTap[tap], packets: packetsByTap[tap], objects[bytes.id.table, default: [:]])
      }
    }
    return rates
  }
}
