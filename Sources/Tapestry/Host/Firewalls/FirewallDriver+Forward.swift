import Linux
import NFTables
import NetTypes

/// Foreign firewalls in nf_tables: nft's own, iptables-nft's, firewalld's.
extension FirewallDriver {
  func observeForeignForwards() throws(KernelError) -> [ForeignForward] {
    var forwards: [ForeignForward] = []
    for table in try tables() { forwards += try observe(table) }
    return forwards + observeLegacyForwards()
  }

  /// The table's base chains at the hook forward.
  private func observe(_ table: Table) throws(KernelError) -> [ForeignForward] {
    do throws(KernelError) { return try forwards(of: table) } catch {
      // The table has been deleted meanwhile.
      if error.errno == .noSuchFile { return [] }
      // Rules that only a newer kernel knows must not keep us from our own work.
      guard error.errno == .badMessage, let chain = ForeignChain(Chain.ID(table.id, "forward")) else { throw error }
      return chain.table.families.map { family in
        ForeignForward(chain: chain, family: family, place: chain, drops: false, obstacle: .unreadable("\(error)"))
      }
    }
  }

  private func forwards(of table: Table) throws(KernelError) -> [ForeignForward] {
    let chains = try ruleset.tables.chains(of: [table.id])
    let isOwned = table.flags.contains(.owner)
    // It does not matter what else passes a chain that only its owner can change.
    let others = isOwned ? [] : chains.filter { $0.base.map { $0.hook != .forward } ?? false }.map(\.id.name)
    var known = RulesOfChains(table: table.id)
    func rules(_ chain: String) throws(KernelError) -> [ForeignRule] { try known.read(chain, from: &ruleset.tables) }
    var forwards: [ForeignForward] = []
    for installed in chains {
      guard let base = installed.base, base.hook == .forward, base.kind == .filter,
        let chain = ForeignChain(installed.id)
      else { continue }
      let passed = try ForeignChains(from: chain.name, rules: rules)
      var names = Set(passed.names)
      if chain.isOfIPTables, chains.contains(where: { $0.id.name == ForeignChain.dockerUser }) {
        names.insert(ForeignChain.dockerUser)
      }
      for family in chain.table.families {
        var forward = try ForeignForward(
          chain, family, passed, policyDrops: base.policy == .drop, marksIn: names, others: others, rules: rules)
        if isOwned { forward.obstacle = .owned }
        if table.flags.contains(.dormant) { forward.drops = false }
        forwards.append(forward)
      }
    }
    return forwards
  }

  // MARK: Changing

  /// Makes `wanted` a network's only accept rules of one family in a chain, placed after the chain's drop rules.
  func setAccepts(
    _ network: Identifier, _ wanted: [ForeignForward.Acceptance], of family: IPFamily, in chain: ForeignChain
  ) throws(StepFailure) {
    guard let id = Chain.ID(chain) else { return try setLegacyAccepts(network, wanted, in: chain) }
    do throws(KernelError) {
      for _ in 0..<Self.foreignAttempts {
        let transaction = try transaction(network, wanted, of: family, in: chain, id)
        do throws(KernelError) { return try ruleset.tables.apply(transaction) } catch {
          guard error.errno == .restart else { throw error }
        }
      }
      throw KernelError(operation: "change chain \(chain)", errno: .restart, kernelMessage: "it changes all the time")
    } catch {
      throw StepFailure(
        TapestryError(error, .kernelRefused, "Failed to change chain '\(chain)' for network \(network)"),
        // The chain is gone: its program has rebuilt its rules or has ended.
        error.errno == .noSuchFile ? .stale : .refused)
    }
  }

  private static let foreignAttempts = 20

  /// Computed from the present rules: handles are valid only in the table that they were read from, and another table of
  /// that name may have been made since.
  private func transaction(
    _ network: Identifier, _ wanted: [ForeignForward.Acceptance], of family: IPFamily, in chain: ForeignChain,
    _ id: Chain.ID
  ) throws(KernelError) -> Transaction {
    let ((installed, passed), generation) = try ruleset.tables.consistently { socket throws(KernelError) in
      var rules = RulesOfChains(table: id.table)
      let passed = try ForeignChains(from: id.name) { name throws(KernelError) in try rules.read(name, from: &socket) }
      return (try socket.rules(of: id.table, chain: id.name), passed)
    }
    let room = passed.room(in: id.name, family)
    let (missing, removed) = ForeignForward.Acceptance.changes(
      to: wanted, of: network, family, in: chain, installed.map { ForeignRule($0.rule) }, room: room)
    var transaction = Transaction(generation: generation)
    for place in removed { transaction.delete(installed[place]) }
    let next = installed.indices.first { $0 >= room.lowerBound && !removed.contains($0) }.map { installed[$0] }
    for acceptance in missing {
      let rule = acceptance.rule(of: network, in: id)
      if let next { transaction.insert(rule, before: next) } else { transaction.add(rule) }
    }
    return transaction
  }
}

/// The rules of a table's chains. Each chain, and the list of sets, is read once.
struct RulesOfChains {
  let table: Table.ID
  private var known: [String: [ForeignRule]] = [:]
  private var sets: [NamedSet]?

  init(table: Table.ID) { self.table = table }

  mutating func read(_ chain: String, from tables: inout NFTablesSocket) throws(KernelError) -> [ForeignRule] {
    if let rules = known[chain] { return rules }
    let rules = try tables.rules(of: table, chain: chain).map { installed throws(KernelError) in
      try ForeignRule(installed.rule) { name throws(KernelError) in try states(in: name, from: &tables) }
    }
    known[chain] = rules
    return rules
  }

  /// The connection states in a set. The set of `ct state { established, related }` is anonymous.
  private mutating func states(
    in name: String, from tables: inout NFTablesSocket
  ) throws(KernelError) -> ConnectionState {
    let sets = if let known = self.sets { known } else { try tables.sets(of: table) }
    self.sets = sets
    guard let set = sets.first(where: { $0.id.name == name && $0.keyTypes.count == 1 }) else { return [] }
    // In host byte order, as in the kernel's registers.
    return try tables.elements(of: set).reduce(into: []) { states, element in
      guard let bytes = element.key.first?.bytes, bytes.count == MemoryLayout<UInt32>.size else { return }
      states.insert(
        ConnectionState(rawValue: unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }))
    }
  }
}

extension ForeignForward {
  /// - Parameters:
  ///   - names: The chains that may have rules of ours.
  ///   - others: Base chains at other hooks.
  init<Failure: Error>(
    _ chain: ForeignChain, _ family: IPFamily, _ passed: ForeignChains, policyDrops: Bool, marksIn names: Set<String>,
    others: [String], rules: (String) throws(Failure) -> [ForeignRule]
  ) throws(Failure) {
    let walk = passed.walk(family)
    let place = ForeignChain(table: chain.table, name: passed.place(family))
    self.init(
      chain: chain, family: family, place: place, drops: walk.end == .drops || walk.end == .falls && policyDrops,
      hasRules: try rules(chain.name).contains { $0.network == nil },
      accepted: walk.accepted, denied: passed.denials(family, policyDrops: policyDrops))
    (precedingRules, isAtEnd) = passed.position(in: place.name, family)
    for name in names.sorted() {
      let chain = ForeignChain(table: chain.table, name: name)
      let room = passed.room(in: name, family)
      for (place, rule) in try rules(name).enumerated() where rule.family(in: chain) == family {
        guard let network = rule.network else { continue }
        marked.append(
          Marked(chain: chain, network: network, accepts: rule.accepts, isInPlace: room.contains(place)))
      }
    }
    for other in others where place != chain {
      guard try ForeignChains(from: other, rules: rules).names.contains(place.name) else { continue }
      obstacle = .shared
      (precedingRules, isAtEnd) = passed.position(in: chain.name, family)
      return
    }
  }
}

extension ForeignForward.Acceptance {
  /// What makes `wanted` a network's only rules of one family among a chain's: those that are missing, and the indices of
  /// those that are not wanted or not in their room.
  static func changes(
    to wanted: [Self], of network: Identifier, _ family: IPFamily, in chain: ForeignChain, _ rules: [ForeignRule],
    room: Range<Int>
  ) -> (missing: [Self], removed: [Int]) {
    var (missing, removed): ([Self], [Int]) = (wanted, [])
    for (place, rule) in rules.enumerated() where rule.network == network && rule.family(in: chain) == family {
      if room.contains(place), let found = missing.firstIndex(where: { $0 == rule.accepts }) {
        missing.remove(at: found)
      } else {
        removed.append(place)
      }
    }
    return (missing, removed)
  }

  /// The rule that iptables(8) writes for `-s PREFIX -j ACCEPT`, with the comment in the user data, where both iptables and
  /// nft(8) find it.
  fileprivate func rule(of network: Identifier, in chain: Chain.ID) -> Rule {
    let field: Field = end == .source ? .source(prefix.family) : .destination(prefix.family)
    return Rule(
      in: Chain(chain.table, chain.name), .match(field, in: prefix), .counter, .accept,
      comment: RuleMark.comment(network))
  }
}

extension ForeignRule {
  /// The family that a rule of ours matches. If a rule was changed so that it matches both, it counts once, for the table's
  /// first family.
  func family(in chain: ForeignChain) -> IPFamily { family ?? chain.table.families.first ?? .v4 }
}

extension ForeignChain {
  /// Returns nil for a chain of another family.
  init?(_ id: Chain.ID) {
    switch id.table.family {
    case .ip: self.init(table: .ip(id.table.name), name: id.name)
    case .ip6: self.init(table: .ip6(id.table.name), name: id.name)
    case .inet: self.init(table: .inet(id.table.name), name: id.name)
    default: return nil
    }
  }
}

extension Chain.ID {
  /// Returns nil for a chain that is not in nf_tables.
  fileprivate init?(_ chain: ForeignChain) {
    switch chain.table {
    case .ip(let table): self.init(.init(.ip, table), chain.name)
    case .ip6(let table): self.init(.init(.ip6, table), chain.name)
    case .inet(let table): self.init(.init(.inet, table), chain.name)
    case .legacy: return nil
    }
  }
}
