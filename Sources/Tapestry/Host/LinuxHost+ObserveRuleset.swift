import Linux
import NFTables
import NetTypes
import Netlink

/// What the ruleset is, and whether it is as this version makes it.
extension LinuxHost {
  func observeRuleset() throws(NetlinkError) -> ObservedRuleset {
    var present: [Table] = []
    for table in RulesetTables.tables {
      present += try tables.tables(table.id.family).filter { $0.id == table.id }
    }
    guard !present.isEmpty else { return .missing }
    guard present.allSatisfy({ $0.comment?.hasPrefix(RulesetTables.mark) == true }) else { return .foreign }
    do throws(NetlinkError) {
      let ruleset = try readElements()
      guard try isAsMade(present, ruleset) else { return .altered(ruleset) }
      return try isConsistent(ruleset) ? .intact(ruleset) : .altered(ruleset)
    } catch {
      // A set or a table that is gone.
      guard error.errno == .noSuchFile else { throw error }
      return .altered(Ruleset())
    }
  }

  func stateMark() throws(TapestryError) -> StateMark? {
    do throws(NetlinkError) { return try observeStateMark() } catch { throw TapestryError(error) }
  }

  /// Mostly it is the own one, for which it takes less to ask.
  func observeStateMark() throws(NetlinkError) -> StateMark? {
    if let state {
      do throws(NetlinkError) {
        _ = try tables.elements(of: state.set)
        return state
      } catch {
        guard error.errno == .noSuchFile else { throw error }
      }
    }
    do throws(NetlinkError) {
      return try tables.sets(of: RulesetTables.inet.id).lazy.compactMap(StateMark.init).first
    } catch {
      guard error.errno == .noSuchFile else { throw error }
      return nil
    }
  }

  private func readElements() throws(NetlinkError) -> Ruleset {
    let translations = Ruleset.GuestFacts.translations(try tables.elements(of: RulesetTables.outer))
    let bridged = try tables.elements(of: RulesetTables.guests).compactMap { Ruleset.GuestFacts($0, way: .bridged) }
    let routed = try tables.elements(of: RulesetTables.routed).compactMap {
      Ruleset.GuestFacts($0, way: .routed, translations: translations)
    }
    let networks = try tables.elements(of: RulesetTables.bridges).compactMap(Ruleset.NetworkFacts.init)
    let others = try ownChains()
    let lists = try domainLists(others)
    return Ruleset(
      networks: Set(try addingPolicies(to: networks, lists)),
      guests: Set(try addingPolicies(to: bridged + routed, lists)), domainLists: Set(lists.values),
      connectionLimits: Set(others.compactMap { ConnectionClass($0.id)?.limit }))
  }

  /// The chains that are there for what networks and guests want.
  private func ownChains() throws(NetlinkError) -> [Chain] {
    let known = Set(RulesetTables.chains.map(\.id))
    return try tables.chains(of: RulesetTables.inet.id).filter { !known.contains($0.id) }
  }

  /// By the verdicts that lead to their chains.
  private func domainLists(_ chains: [Chain]) throws(NetlinkError) -> [NFTables.Verdict: DomainList] {
    guard !chains.isEmpty else { return [:] }
    let rules = try tables.rules(of: RulesetTables.inet.id).map(\.rule)
    let lists = chains.compactMap { DomainList($0.id, rules) }
    return Dictionary(lists.map { ($0.verdict, $0) }) { first, _ in first }
  }

  private func addingPolicies(
    to guests: [Ruleset.GuestFacts], _ lists: [NFTables.Verdict: DomainList]
  ) throws(NetlinkError) -> [Ruleset.GuestFacts] {
    let names = try elementsByOwner(RulesetTables.guestNames)
    let rules = try elementsByOwner(RulesetTables.guestRules)
    let rules6 = try elementsByOwner(RulesetTables.guestRules6)
    let reach = try elementsByOwner(RulesetTables.guestReach)
    let addresses6 = Ruleset.GuestFacts.addresses6(
      try tables.elements(of: RulesetTables.guests6) + tables.elements(of: RulesetTables.routed6))
    let ports = try tables.elements(of: RulesetTables.published) + tables.elements(of: RulesetTables.publishedAt)
    let rates = try transmitRates()
    let dhcp = try elementsByTap(RulesetTables.bridgeDHCP)
    let maximums = try elementsByOwner(RulesetTables.maxConnections)
    let neighbors = try elementsByOwner(RulesetTables.interVMGuests)
    let published = Dictionary(grouping: ports.compactMap(PublishedPort.guest), by: \.guest)
    return guests.map { guest in
      var guest = guest
      guest.address6 = addresses6[guest.tapName]
      let own = rules[.v4(guest.address), default: []] + (guest.address6.flatMap { rules6[.v6($0)] } ?? [])
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

  private func transmitRates() throws(NetlinkError) -> [InterfaceName: Ruleset.TransmitRate] {
    var rates: [InterfaceName: Ruleset.TransmitRate] = [:]
    for (bytes, packets) in [
      (RulesetTables.bridgeTransmitBytes, RulesetTables.bridgeTransmitPackets),
      (RulesetTables.transmitBytes, RulesetTables.transmitPackets),
    ] {
      let bytesByTap = try elementsByTap(bytes)
      let packetsByTap = try elementsByTap(packets)
      guard !bytesByTap.isEmpty || !packetsByTap.isEmpty else { continue }
      let objects = Dictionary(try tables.objects(of: bytes.id.table).map { ($0.name, $0) }) { first, _ in first }
      for tap in Set(bytesByTap.keys).union(packetsByTap.keys) {
        rates[tap] = .init(bytes: bytesByTap[tap], packets: packetsByTap[tap], objects)
      }
    }
    return rates
  }

  private func elementsByTap(_ set: NamedSet) throws(NetlinkError) -> [InterfaceName: Element] {
    var elements: [InterfaceName: Element] = [:]
    for element in try tables.elements(of: set) {
      if let tap = element.key.first?.interfaceName { elements[tap] = element }
    }
    return elements
  }

  private func addingPolicies(
    to networks: [Ruleset.NetworkFacts], _ lists: [NFTables.Verdict: DomainList]
  ) throws(NetlinkError) -> [Ruleset.NetworkFacts] {
    let names = try elementsByOwner(RulesetTables.networkNames)
    let rules = try elementsByOwner(RulesetTables.networkRules)
    let rules6 = try elementsByOwner(RulesetTables.networkRules6)
    let reach = try elementsByOwner(RulesetTables.networkReach)
    let ping = try elementsByOwner(RulesetTables.hostPing)
    let access = try elementsByOwner(RulesetTables.hostAccess)
    return networks.map { network in
      var network = network
      let owner = IPAddress.v4(network.subnet.networkAddress)
      let own = rules[owner, default: []] + (network.subnet6.flatMap { rules6[.v6($0.address)] } ?? [])
      network.rules = Set(own.compactMap(TrafficRange.init).flatMap(\.rules))
      network.reach = reach[owner]?.first.flatMap(EgressPolicy.Reach.init) ?? .nothing
      network.domains = names[owner]?.first?.verdict.flatMap { lists[$0] }
      network.answersPing = ping[owner] != nil
      network.hostTraffic = Set(access[owner, default: []].compactMap(Traffic.init(toHost:)))
      return network
    }
  }

  private func elementsByOwner(_ set: NamedSet) throws(NetlinkError) -> [IPAddress: [Element]] {
    var elements: [IPAddress: [Element]] = [:]
    for element in try tables.elements(of: set) {
      if let owner = element.owner { elements[owner, default: []].append(element) }
    }
    return elements
  }

  /// Whether tables, chains, sets and rules are those that this version makes.
  private func isAsMade(_ present: [Table], _ ruleset: Ruleset) throws(NetlinkError) -> Bool {
    let classes = ruleset.connectionClasses
    let allChains = RulesetTables.chains + ruleset.domainChains + classes.map(\.chain)
    let allSets = RulesetTables.sets + ruleset.domainSets + classes.flatMap(\.sets)
    let allRules = RulesetTables.rules + ruleset.domainRules + classes.flatMap(\.rules)
    guard present.map(\.normalForm) == RulesetTables.tables.map(\.normalForm) else { return false }
    for table in RulesetTables.tables {
      let chains = allChains.filter { $0.id.table == table.id }
      guard Set(try tables.chains(of: table.id).map(\.normalForm)) == Set(chains.map(\.normalForm)) else {
        return false
      }
      let found = try tables.sets(of: table.id)
      let marks = found.filter { StateMark($0) != nil }
      guard table != RulesetTables.inet || marks.count <= 1 && (state == nil || marks.first?.id == state?.set.id) else {
        return false
      }
      let sets = allSets.filter { $0.id.table == table.id } + marks
      guard Set(found.map(\.normalForm)) == Set(sets.map(\.normalForm)) else { return false }
      let rules = try tables.rules(of: table.id).map(\.rule.normalForm)
      let translates = ruleset.networks.contains { $0.mode == .clone }
      for chain in chains where translates || !RulesetTables.quotingChains.contains(chain) {
        let expected = allRules.filter { $0.chain == chain.id }.map(\.normalForm)
        guard rules.filter({ $0.chain == chain.id }) == expected else { return false }
      }
    }
    return true
  }

  /// Whether every set says of the networks and guests what the others say.
  private func isConsistent(_ ruleset: Ruleset) throws(NetlinkError) -> Bool {
    let expected = RulesetTables.constants + ruleset.networks.flatMap(\.elements) + ruleset.guests.flatMap(\.elements)
    // What fills by itself tells nothing of networks and guests.
    for set in RulesetTables.sets where !set.flags.contains(.dynamic) {
      let wanted = Set(expected.filter { $0.0.id == set.id }.map(\.1.normalForm))
      guard Set(try tables.elements(of: set).map(\.normalForm)) == wanted else { return false }
    }
    let objects = Set(ruleset.guests.flatMap { $0.limits.map(\.object.normalForm) })
    for table in RulesetTables.tables {
      let wanted = objects.filter { $0.table == table.id }
      guard Set(try tables.objects(of: table.id).map(\.normalForm)) == wanted else { return false }
    }
    return true
  }
}
