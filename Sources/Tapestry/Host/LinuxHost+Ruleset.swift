import Linux
import NFTables
import NetTypes
import Netlink

extension LinuxHost {
  /// Carries out steps of the ruleset in one transaction over all tables.
  func changeRuleset(_ items: ArraySlice<Plan.Item>, observedAt generation: UInt32?) -> StepFailure? {
    do throws(NetlinkError) {
      do throws(NetlinkError) {
        try tables.apply(Transaction(items, generation))
      } catch {
        // An element that was to go is not there, or a table is not: all the rest is still to be done.
        guard error.errno == .noSuchFile, items.contains(where: \.step.removesElements) else { throw error }
        try tables.apply(Transaction(items, generation, addsWhatGoes: true))
      }
      return nil
    } catch {
      switch error.errno {
      case .restart: return StepFailure(TapestryError(error), .stale)
      // Where there are no tables, there is nothing to remove from them.
      case .noSuchFile where items.allSatisfy(\.step.onlyRemoves): return nil
      case .noSuchFile: return StepFailure(rulesetFailure(error), .unexpectedWorld)
      default: return StepFailure(rulesetFailure(error))
      }
    }
  }

  func rulesetFailure(_ error: NetlinkError) -> TapestryError {
    let summary = "Failed to change the ruleset"
    guard error.operation.hasPrefix("add limit "), [.noSuchFile, .notSupported].contains(error.errno) else {
      return TapestryError(error, .kernelRefused, summary)
    }
    return TapestryError(
      .kernelUnsupported,
      "\(summary): \(error). Limiting what a guest sends needs nf_tables' limits (CONFIG_NFT_LIMIT): run 'modprobe "
        + "nft_limit', or leave 'tx' and 'tx-packets' out of --rate-limit.", cause: TapestryError(error).cause)
  }

  // MARK: Observing

  func observeRuleset() throws(NetlinkError) -> ObservedRuleset {
    var present: [Table] = []
    for table in RulesetTables.tables {
      present += try tables.tables(table.id.family).filter { $0.id == table.id }
    }
    guard !present.isEmpty else { return .missing }
    guard present.allSatisfy({ $0.comment?.hasPrefix(RulesetTables.mark) == true }) else { return .foreign }
    do throws(NetlinkError) {
      let ruleset = try readElements()
      guard try isAsMade(present) else { return .altered(ruleset) }
      return try isConsistent(ruleset) ? .intact(ruleset) : .altered(ruleset)
    } catch {
      // A set or a table that is gone.
      guard error.errno == .noSuchFile else { throw error }
      return .altered(Ruleset())
    }
  }

  private func readElements() throws(NetlinkError) -> Ruleset {
    let translations = Ruleset.GuestFacts.translations(try tables.elements(of: RulesetTables.outer))
    let bridged = try tables.elements(of: RulesetTables.guests).compactMap { Ruleset.GuestFacts($0, way: .bridged) }
    let routed = try tables.elements(of: RulesetTables.routed).compactMap {
      Ruleset.GuestFacts($0, way: .routed, translations: translations)
    }
    let networks = try tables.elements(of: RulesetTables.bridges).compactMap(Ruleset.NetworkFacts.init)
    return Ruleset(
      networks: Set(try addingPolicies(to: networks)), guests: Set(try addingPolicies(to: bridged + routed)))
  }

  private func addingPolicies(to guests: [Ruleset.GuestFacts]) throws(NetlinkError) -> [Ruleset.GuestFacts] {
    let rules = try elementsByOwner(RulesetTables.guestRules)
    let rules6 = try elementsByOwner(RulesetTables.guestRules6)
    let reach = try elementsByOwner(RulesetTables.guestReach)
    let addresses6 = Ruleset.GuestFacts.addresses6(
      try tables.elements(of: RulesetTables.guests6) + tables.elements(of: RulesetTables.routed6))
    let ports = try tables.elements(of: RulesetTables.published) + tables.elements(of: RulesetTables.publishedAt)
    let rates = try transmitRates()
    let dhcp = try elementsByTap(RulesetTables.bridgeDHCP)
    let published = Dictionary(grouping: ports.compactMap(PublishedPort.guest), by: \.guest)
    return guests.map { guest in
      var guest = guest
      guest.address6 = addresses6[guest.tapName]
      let own = rules[.v4(guest.address), default: []] + (guest.address6.flatMap { rules6[.v6($0)] } ?? [])
      guest.rules = Set(own.compactMap(TrafficRange.init).flatMap(\.rules))
      guest.asksDHCP = dhcp[guest.tapName] != nil
      guest.transmitRate = rates[guest.tapName] ?? .init()
      guest.published = Set(published[guest.address, default: []].map(\.port))
      guest.reach = reach[.v4(guest.address)]?.first.flatMap(EgressPolicy.Reach.init)
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

  private func addingPolicies(to networks: [Ruleset.NetworkFacts]) throws(NetlinkError) -> [Ruleset.NetworkFacts] {
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
      network.reach = reach[owner]?.first.flatMap(EgressPolicy.Reach.init) ?? .none
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
  private func isAsMade(_ present: [Table]) throws(NetlinkError) -> Bool {
    guard present.map(\.normalForm) == RulesetTables.tables.map(\.normalForm) else { return false }
    for table in RulesetTables.tables {
      let chains = RulesetTables.chains.filter { $0.id.table == table.id }
      guard Set(try tables.chains(of: table.id).map(\.normalForm)) == Set(chains.map(\.normalForm)) else {
        return false
      }
      let sets = RulesetTables.sets.filter { $0.id.table == table.id }
      guard Set(try tables.sets(of: table.id).map(\.normalForm)) == Set(sets.map(\.normalForm)) else { return false }
      let rules = try tables.rules(of: table.id).map(\.rule.normalForm)
      for chain in chains {
        let expected = RulesetTables.rules.filter { $0.chain == chain.id }.map(\.normalForm)
        guard rules.filter({ $0.chain == chain.id }) == expected else { return false }
      }
    }
    return true
  }

  /// Whether every set says of the networks and guests what the others say.
  private func isConsistent(_ ruleset: Ruleset) throws(NetlinkError) -> Bool {
    let expected = RulesetTables.constants + ruleset.networks.flatMap(\.elements) + ruleset.guests.flatMap(\.elements)
    for set in RulesetTables.sets {
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

// MARK: - Transactions

extension Transaction {
  /// - Parameter addsWhatGoes: whether each element that is to be removed is added first. The kernel refuses a
  ///   transaction that removes an element that is not there; one that has just been added is.
  fileprivate init(_ items: ArraySlice<Plan.Item>, _ generation: UInt32?, addsWhatGoes: Bool = false) {
    self.init(generation: generation)
    for step in items.map(\.step).joined {
      switch step {
      case .installRuleset(let ruleset): install(ruleset)
      case .changeRuleset(let change): apply(change, addsWhatGoes: addsWhatGoes)
      case .removeRuleset: for table in RulesetTables.tables { destroy(table.id) }
      default: break
      }
    }
  }

  /// All tables, from nothing, with everything in them.
  private mutating func install(_ ruleset: Ruleset) {
    for table in RulesetTables.tables {
      destroy(table.id)
      add(table)
    }
    for set in RulesetTables.sets { add(set) }
    for chain in RulesetTables.chains { add(chain) }
    for rule in RulesetTables.rules { add(rule) }
    for (set, elements) in RulesetTables.constants.grouped { add(elements, to: set) }
    apply(
      RulesetChange(addedNetworks: Array(ruleset.networks), addedGuests: Array(ruleset.guests)), addsWhatGoes: false)
  }

  private mutating func apply(_ change: RulesetChange, addsWhatGoes: Bool) {
    var (additions, removals) = (change.additions, change.removals)
    var (added, removed) = (change.addedGuests.objects, change.removedGuests.objects)
    if !change.onlyAdds, !change.onlyRemoves {
      let (new, old) = (additions.normalForms, removals.normalForms)
      additions.removeAll { set, element in old[set.id]?.contains(element.normalForm) == true }
      removals.removeAll { set, element in new[set.id]?.contains(element.normalForm) == true }
      let kept = Set(added).intersection(removed)
      added.removeAll(where: kept.contains)
      removed.removeAll(where: kept.contains)
    }
    if addsWhatGoes { for object in removed { add(object) } }
    // What goes first: of a key that stays, a map has one value at a time.
    for (set, elements) in removals.grouped {
      if addsWhatGoes { add(elements, to: set) }
      delete(elements, from: set)
    }
    for object in removed { delete(object.id) }
    for object in added { add(object) }
    for (set, elements) in additions.grouped { add(elements, to: set) }
  }
}

extension Step {
  fileprivate var removesElements: Bool {
    guard case .changeRuleset(let change) = self else { return false }
    return !change.onlyAdds
  }
}

extension [Step] {
  /// Neighbouring changes that all add, or all remove, as one: a message of the kernel's holds many elements.
  fileprivate var joined: [Step] {
    reduce(into: []) { steps, step in
      guard case .changeRuleset(let change) = step, case .changeRuleset(var last)? = steps.last,
        change.onlyRemoves ? last.onlyRemoves : change.onlyAdds && last.onlyAdds
      else { return steps.append(step) }
      steps.removeLast()
      last.append(change)
      steps.append(.changeRuleset(last))
    }
  }
}

extension [Ruleset.GuestFacts] {
  fileprivate var objects: [StatefulObject] { flatMap { $0.limits.map(\.object) } }
}

extension RulesetChange {
  fileprivate var additions: [(NamedSet, Element)] {
    addedNetworks.flatMap(\.elements) + addedGuests.flatMap(\.elements)
  }

  fileprivate var removals: [(NamedSet, Element)] {
    removedNetworks.flatMap(\.elements) + removedGuests.flatMap(\.elements)
  }
}

extension [(NamedSet, NFTables.Element)] {
  fileprivate var normalForms: [NamedSet.ID: Set<NFTables.Element>] {
    reduce(into: [:]) { forms, item in forms[item.0.id, default: []].insert(item.1.normalForm) }
  }

  /// By set, in the order of the sets' first appearance.
  fileprivate var grouped: [(NamedSet, [NFTables.Element])] {
    var groups: [(NamedSet, [NFTables.Element])] = []
    for (set, element) in self {
      if let place = groups.firstIndex(where: { $0.0.id == set.id }) {
        groups[place].1.append(element)
      } else {
        groups.append((set, [element]))
      }
    }
    return groups
  }
}
