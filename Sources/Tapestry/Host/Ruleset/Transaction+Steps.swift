import NFTables

/// Builds one transaction over all tables from steps of the ruleset.
extension Transaction {
  /// - Parameters:
  ///   - state: The state file that the tables belong to. If they belong to another, nothing is changed and the kernel
  ///     answers ENOENT.
  ///   - addsRemoved: Whether each element to be removed is added first. The kernel refuses a transaction that removes an
  ///     element that does not exist; one that has just been added does.
  init(
    _ items: ArraySlice<Plan.Item>, _ generation: UInt32?, state: StateMark? = nil, addsRemoved: Bool = false
  ) {
    self.init(generation: generation)
    var ended: [NamedSet.ID: Set<Element>] = [:]
    for step in items.map(\.step).joined {
      switch step {
      case .installRuleset(let ruleset):
        for contents in ruleset.tables(of: state) { append(contentsOf: contents.installation) }
      case .changeRuleset(let change):
        if let state { add([state.element], to: state.set) }
        apply(change, addsRemoved: addsRemoved, &ended)
      case .removeRuleset: for table in RulesetTables.tables { destroy(table.id) }
      case .createBridge, .setBridge, .setSwitch, .addGateway, .addGateway6, .setChecksumFilter, .createTap,
        .setTap, .deleteTap, .deleteLink, .addAccepts, .removeAccepts, .setNames, .forgetNames, .requireNameServer,
        .startNameServer, .stopNameServer, .removeNameServer, .setSysctl, .restoreSysctl:
        break
      }
    }
  }

  /// - Parameter ended: the elements of pairs that the transaction has deleted. Both guests of a pair have them, and the
  ///   kernel deletes an element once.
  private mutating func apply(
    _ change: RulesetChange, addsRemoved: Bool, _ ended: inout [NamedSet.ID: Set<Element>]
  ) {
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
    removals.removeAll { set, element in
      RulesetTables.peerSets.contains(set.id) && !ended[set.id, default: []].insert(element).inserted
    }
    if let parts = change.parts { apply(parts, addsRemoved: addsRemoved) }
    for list in change.addedDomains { add(list) }
    for limit in change.addedConnectionLimits { add(ConnectionClass(limit: limit)) }
    if addsRemoved {
      for object in removed { add(object) }
      for list in change.domainsOfRemoved { add(list) }
      for limit in change.removedGuests.connectionLimits { add(ConnectionClass(limit: limit)) }
    }
    // Removals first: a map has one value at a time for a key.
    for (set, elements) in removals.grouped {
      if addsRemoved { add(elements, to: set) }
      delete(elements, from: set)
    }
    for object in removed { delete(object.id) }
    for object in added { add(object) }
    for (set, elements) in additions.grouped { add(elements, to: set) }
    for list in change.removedDomains {
      if addsRemoved { add(list) }
      delete(list.chain.id)
    }
    for sets in change.removedDomainSets {
      for set in sets.sets { delete(set.id) }
    }
    for limit in change.removedConnectionLimits {
      let kind = ConnectionClass(limit: limit)
      if addsRemoved { add(kind) }
      delete(kind.chain.id)
      for set in kind.sets { delete(set.id) }
    }
  }

  /// Makes the chains whose rules differ again.
  private mutating func apply(_ parts: RulesetParts.Change, addsRemoved: Bool) {
    let (old, new) = (RulesetTables.chains(of: parts.old), RulesetTables.chains(of: parts.new))
    let (oldRules, newRules) = (RulesetTables.rules(of: parts.old), RulesetTables.rules(of: parts.new))
    let (formerRules, rules) = (
      Dictionary(grouping: oldRules, by: \.chain), Dictionary(grouping: newRules, by: \.chain)
    )
    for chain in addsRemoved ? old + new : new.filter({ !old.contains($0) }) { add(chain) }
    for chain in old + new.filter({ !old.contains($0) }) where rules[chain.id] != formerRules[chain.id] {
      flush(chain.id)
      for rule in rules[chain.id, default: []] { add(rule) }
    }
    for chain in old where !new.contains(chain) { delete(chain.id) }
  }

  private mutating func add(_ list: DomainList) {
    add(list.sets.flatMap(\.sets).map(\.named), list.chain, list.rules)
  }

  private mutating func add(_ kind: ConnectionClass) { add(kind.sets, kind.chain, kind.rules) }

  /// Existing sets stay as they are, with their elements and with what they have counted.
  private mutating func add(_ sets: [NamedSet], _ chain: Chain, _ rules: [Rule]) {
    for set in sets { add(set) }
    add(chain)
    flush(chain.id)
    for rule in rules { add(rule) }
  }
}

extension [Step] {
  /// Joins neighbouring changes that all add, or all remove: a kernel message holds many elements.
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

  /// The lists whose chains removed elements lead to.
  fileprivate var domainsOfRemoved: Set<DomainList> {
    Set((removedNetworks.map(\.domains) + removedGuests.map(\.domains)).compactMap(\.self))
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
