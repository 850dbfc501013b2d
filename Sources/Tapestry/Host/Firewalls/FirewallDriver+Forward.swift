import Linux
import NFTables
import NetTypes
import Netlink

/// Foreign firewalls in nf_tables: nft's own, iptables-nft's, firewalld's.
extension FirewallDriver {
  func observeForeignForwards() throws(KernelError) -> [ForeignForward] {
    let ours = Set(RulesetTables.tables.map(\.id))
    var forwards: [ForeignForward] = []
    for table in try ruleset.tables.tables() where table.id.family.isOfIP && !ours.contains(table.id) {
      forwards += try observe(table)
    }
    return forwards + observeLegacyForwards()
  }

  /// The table's base chains at the hook forward.
  private func observe(_ table: Table) throws(KernelError) -> [ForeignForward] {
    do throws(KernelError) {
      let chains = try ruleset.tables.chains(of: [table.id])
      var rules = RulesOfChains(table: table.id)
      var forwards: [ForeignForward] = []
      for chain in chains {
        guard let base = chain.base, base.hook == .forward, base.kind == .filter else { continue }
        forwards += try observe(chain.id, base.policy, table, chains, &rules)
      }
      return forwards
    } catch {
      // The table has been deleted meanwhile.
      if error.errno == .noSuchFile { return [] }
      // Rules that only a newer kernel knows must not keep us from our own work.
      guard error.errno == .badMessage, let chain = ForeignChain(Chain.ID(table.id, "forward")) else { throw error }
      return chain.table.families.map { family in
        ForeignForward(chain: chain, family: family, place: chain, drops: false, obstacle: .unreadable("\(error)"))
      }
    }
  }

  private func observe(
    _ id: Chain.ID, _ policy: Chain.Policy, _ table: Table, _ chains: [Chain], _ rules: inout RulesOfChains
  ) throws(KernelError) -> [ForeignForward] {
    guard let chain = ForeignChain(id) else { return [] }
    let passed = try ForeignChains(from: id.name) { name throws(KernelError) in
      try rules.read(name, from: &ruleset.tables)
    }
    var names = Set(passed.names)
    if chain.isOfIPTables, chains.contains(where: { $0.id.name == ForeignChain.dockerUser }) {
      names.insert(ForeignChain.dockerUser)
    }

    var forwards: [ForeignForward] = []
    for family in chain.table.families {
      let walk = passed.walk(family)
      let drops = walk.end == .drops || walk.end == .falls && policy == .drop
      let place = ForeignChain(table: chain.table, name: passed.place(family))
      var forward = ForeignForward(
        chain: chain, family: family, place: place, drops: drops && !table.flags.contains(.dormant),
        hasRules: try rules.read(id.name, from: &ruleset.tables).contains { $0.network == nil },
        accepted: walk.accepted, denied: passed.denials(family, policyDrops: policy == .drop))
      (forward.precedingRules, forward.isAtEnd) = passed.position(in: place.name, family)
      for name in names.sorted() {
        forward.marked += ForeignForward.Marked.all(
          in: try rules.read(name, from: &ruleset.tables), of: ForeignChain(table: chain.table, name: name), family,
          room: passed.room(in: name, family))
      }
      if table.flags.contains(.owner) {
        forward.obstacle = .owned
      } else if place != chain, try leadsElsewhere(to: place.name, chains, &rules) {
        forward.obstacle = .shared
        (forward.precedingRules, forward.isAtEnd) = passed.position(in: id.name, family)
      }
      forwards.append(forward)
    }
    return forwards
  }

  /// Returns true if packets that are not forwarded also reach the chain.
  private func leadsElsewhere(
    to place: String, _ chains: [Chain], _ rules: inout RulesOfChains
  ) throws(KernelError) -> Bool {
    for chain in chains {
      guard let base = chain.base, base.hook != .forward else { continue }
      let others = try ForeignChains(from: chain.id.name) { name throws(KernelError) in
        try rules.read(name, from: &ruleset.tables)
      }
      if others.names.contains(place) { return true }
    }
    return false
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
    var missing = wanted
    var transaction = Transaction(generation: generation)
    var staying: [Int] = []
    for (place, installed) in installed.enumerated() {
      let rule = ForeignRule(installed.rule)
      guard rule.network == network, rule.family(in: chain) == family else {
        staying.append(place)
        continue
      }
      if room.contains(place), let found = missing.firstIndex(where: { $0 == rule.accepts }) {
        missing.remove(at: found)
        staying.append(place)
      } else {
        transaction.delete(installed)
      }
    }
    let next = staying.first { $0 >= room.lowerBound }.map { installed[$0] }
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
    var rules: [ForeignRule] = []
    for installed in try tables.rules(of: table, chain: chain) {
      let rule = try ForeignRule(installed.rule) { name throws(KernelError) in try states(in: name, from: &tables) }
      rules.append(rule)
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

extension ForeignForward.Acceptance {
  /// The rule that iptables(8) writes for `-s PREFIX -j ACCEPT`, with the comment in the user data, where both iptables and
  /// nft(8) find it.
  fileprivate func rule(of network: Identifier, in chain: Chain.ID) -> Rule {
    let field: Field = end == .source ? .source(prefix.family) : .destination(prefix.family)
    return Rule(
      in: Chain(chain.table, chain.name), .match(field, in: prefix), .counter, .accept,
      comment: RuleMark.comment(network))
  }
}

extension ForeignForward.Marked {
  /// The rules of a chain that are ours and match a family.
  /// - Parameter room: The range of indices that they may have.
  static func all(
    in rules: [ForeignRule], of chain: ForeignChain, _ family: IPFamily, room: Range<Int>
  ) -> [Self] {
    rules.enumerated().compactMap { place, rule in
      guard let network = rule.network, rule.family(in: chain) == family else { return nil }
      return Self(chain: chain, network: network, accepts: rule.accepts, isInPlace: room.contains(place))
    }
  }
}

extension ForeignRule {
  /// The family that a rule of ours matches. If a rule was changed so that it matches both, it counts once, for the table's
  /// first family.
  func family(in chain: ForeignChain) -> IPFamily { family ?? chain.table.families.first ?? .v4 }
}

extension Family {
  /// Returns true for families whose tables see IP packets that the host receives, forwards or sends.
  var isOfIP: Bool { [.ip, .ip6, .inet].contains(self) }
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
