import Linux
import NFTables
import NetTypes
import Netlink

extension LinuxHost {
  /// Carries out steps of the ruleset in one transaction over both tables.
  func changeRuleset(_ items: ArraySlice<Plan.Item>, observedAt generation: UInt32?) -> StepFailure? {
    var transaction = Transaction(generation: generation)
    for item in items {
      switch item.step {
      case .installRuleset(let ruleset): transaction.install(ruleset)
      case .changeRuleset(let change): transaction.apply(change, destroying: canDestroy)
      case .removeRuleset: for table in RulesetTables.tables { transaction.destroyCompatibly(table) }
      default: break
      }
    }
    do throws(NetlinkError) {
      try tables.apply(transaction)
      return nil
    } catch {
      if error.errno == .restart {
        return StepFailure(TapestryError(error), .stale)
      }
      // Elements that are gone already are what a removal is for: done without them, one by one.
      if error.errno == .noSuchFile, items.allSatisfy(\.step.onlyRemoves) { return removeOneByOne(items) }
      if canDestroy, error.isUnknownMessage, items.contains(where: \.step.removes) {
        canDestroy = false
        return changeRuleset(items, observedAt: generation)
      }
      return StepFailure(
        TapestryError(error, .kernelRefused, "Failed to change the ruleset"),
        error.errno == .noSuchFile ? .unexpectedWorld : .refused)
    }
  }

  /// Without NFT_MSG_DESTROYSETELEM (kernels before 6.3), one element that is gone spoils a whole transaction.
  private func removeOneByOne(_ items: ArraySlice<Plan.Item>) -> StepFailure? {
    for item in items {
      guard case .changeRuleset(let change) = item.step else { continue }
      for (set, element) in change.removals {
        var transaction = Transaction()
        transaction.delete([element], from: set)
        do throws(NetlinkError) { try tables.apply(transaction) } catch {
          guard error.errno == .noSuchFile else {
            return StepFailure(TapestryError(error, .kernelRefused, "Failed to change the ruleset"))
          }
        }
      }
    }
    return nil
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
    Ruleset(
      networks: Set(try tables.elements(of: RulesetTables.bridges).compactMap(Ruleset.NetworkFacts.init)),
      guests: Set(try tables.elements(of: RulesetTables.guests).compactMap(Ruleset.GuestFacts.init)))
  }

  /// Whether tables, chains, sets and rules are those that this version makes.
  private func isAsMade(_ present: [Table]) throws(NetlinkError) -> Bool {
    guard present == RulesetTables.tables else { return false }
    for table in RulesetTables.tables {
      let chains = RulesetTables.chains.filter { $0.id.table == table.id }
      guard Set(try tables.chains(of: table.id)) == Set(chains) else { return false }
      let sets = RulesetTables.sets.filter { $0.id.table == table.id }
      guard Set(try tables.sets(of: table.id)) == Set(sets) else { return false }
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
    let expected = ruleset.networks.flatMap(\.elements) + ruleset.guests.flatMap(\.elements)
    for set in RulesetTables.sets where set.id != RulesetTables.published.id {
      let wanted = Set(expected.filter { $0.0.id == set.id }.map(\.1))
      guard Set(try tables.elements(of: set)) == wanted else { return false }
    }
    return true
  }
}

// MARK: - Transactions

extension Transaction {
  /// Both tables, from nothing, with everything in them.
  fileprivate mutating func install(_ ruleset: Ruleset) {
    for table in RulesetTables.tables {
      destroyCompatibly(table)
      add(table)
    }
    for set in RulesetTables.sets { add(set) }
    for chain in RulesetTables.chains { add(chain) }
    for rule in RulesetTables.rules { add(rule) }
    var change = RulesetChange()
    change.addedNetworks = Array(ruleset.networks)
    change.addedGuests = Array(ruleset.guests)
    apply(change, destroying: false)
  }

  /// What NFT_MSG_DESTROYTABLE does, on every kernel: what is added is there to be deleted.
  fileprivate mutating func destroyCompatibly(_ table: Table) {
    add(table)
    delete(table.id)
  }

  fileprivate mutating func apply(_ change: RulesetChange, destroying: Bool) {
    for (set, elements) in change.additions.grouped { add(elements, to: set) }
    for (set, elements) in change.removals.grouped {
      if destroying { destroy(elements, from: set) } else { delete(elements, from: set) }
    }
  }
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

extension Step {
  fileprivate var removes: Bool {
    if case .changeRuleset(let change) = self { !change.removals.isEmpty } else { false }
  }
}

extension NetlinkError {
  /// What nfnetlink answers to a message type that the kernel does not know.
  fileprivate var isUnknownMessage: Bool { [.invalidArgument, .notSupported].contains(errno) }
}
