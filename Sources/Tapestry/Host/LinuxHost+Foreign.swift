import Linux
import NFTables
import NetTypes
import Netlink

/// Others' firewalls in nf_tables: nft's own, those of iptables-nft, firewalld's.
extension LinuxHost {
  func observeForeignForwards() throws(NetlinkError) -> [ForeignForward] {
    let ours = Set(RulesetTables.tables.map(\.id))
    var forwards: [ForeignForward] = []
    for family in [Family.ip, .ip6, .inet] {
      for table in try tables.tables(family) where !ours.contains(table.id) { forwards += try observe(table) }
    }
    return forwards + IPFamily.allCases.compactMap(observeLegacyForward)
  }

  /// The table's base chains at the hook forward.
  private func observe(_ table: Table) throws(NetlinkError) -> [ForeignForward] {
    do throws(NetlinkError) {
      let chains = try tables.chains(of: table.id)
      var rules = RulesOfChains(table: table.id)
      var forwards: [ForeignForward] = []
      for chain in chains {
        guard let base = chain.base, base.hook == .forward, base.kind == .filter else { continue }
        forwards += try observe(chain.id, base.policy, table, chains, &rules)
      }
      return forwards
    } catch {
      // It has gone meanwhile.
      if error.errno == .noSuchFile { return [] }
      // What a newer kernel lets others do must not keep us from our own work.
      guard error.errno == .badMessage, let chain = ForeignChain(Chain.ID(table.id, "forward")) else { throw error }
      return chain.table.families.map { family in
        ForeignForward(chain: chain, family: family, place: chain, drops: false, obstacle: .unreadable("\(error)"))
      }
    }
  }

  private func observe(
    _ id: Chain.ID, _ policy: Chain.Policy, _ table: Table, _ chains: [Chain], _ rules: inout RulesOfChains
  ) throws(NetlinkError) -> [ForeignForward] {
    guard let chain = ForeignChain(id) else { return [] }
    let own = try rules.read(id.name, from: &tables)
    var place = chain
    var marked = ForeignForward.Marked.all(in: own, of: chain)
    let dockerUser = ForeignChain(table: chain.table, name: ForeignChain.dockerUser)
    if chain.isOfIPTables, chains.contains(where: { $0.id.name == dockerUser.name }) {
      if own.contains(where: { $0.scope == .all && $0.outcome == .jump(dockerUser.name) }) { place = dockerUser }
      marked += ForeignForward.Marked.all(in: try rules.read(dockerUser.name, from: &tables), of: dockerUser)
    }

    var forwards: [ForeignForward] = []
    for family in chain.table.families {
      let walk = try ForeignWalk(of: id.name, family) { name throws(NetlinkError) in
        try rules.read(name, from: &tables)
      }
      let drops = walk.end == .drops || walk.end == .falls && policy == .drop
      forwards.append(
        ForeignForward(
          chain: chain, family: family, place: place, drops: drops && !table.flags.contains(.dormant),
          obstacle: table.flags.contains(.owner) ? .owned : nil,
          marked: marked.filter { $0.family == family }.map(\.rule), accepted: walk.accepted))
    }
    return forwards
  }

  // MARK: Changing

  /// Makes the accepts of a network and a family in a chain these, and no others, at the chain's top.
  func setAccepts(
    _ network: Identifier, _ wanted: [ForeignForward.Acceptance], of family: IPFamily, in chain: ForeignChain
  ) throws(StepFailure) {
    guard let id = Chain.ID(chain) else { return try setLegacyAccepts(network, wanted, of: family, in: chain) }
    do throws(NetlinkError) {
      for _ in 0..<Self.foreignAttempts {
        let transaction = try transaction(network, wanted, of: family, in: chain, id)
        do throws(NetlinkError) { return try tables.apply(transaction) } catch {
          guard error.errno == .restart else { throw error }
        }
      }
      throw NetlinkError(operation: "change chain \(chain)", errno: .restart, kernelMessage: "it changes all the time")
    } catch {
      throw StepFailure(
        TapestryError(error, .kernelRefused, "Failed to change chain '\(chain)' for network \(network)"),
        // The chain is gone: its program has made everything anew, or has ended.
        error.errno == .noSuchFile ? .stale : .refused)
    }
  }

  private static let foreignAttempts = 20

  /// From what is there now: handles are those of one table, and another of its name may have come since it was observed.
  private func transaction(
    _ network: Identifier, _ wanted: [ForeignForward.Acceptance], of family: IPFamily, in chain: ForeignChain,
    _ id: Chain.ID
  ) throws(NetlinkError) -> Transaction {
    let (rules, generation) = try tables.consistently { socket throws(NetlinkError) in
      try socket.rules(of: id.table, chain: id.name)
    }
    var missing = wanted
    var transaction = Transaction(generation: generation)
    for installed in rules {
      let rule = ForeignRule(installed.rule)
      guard rule.network == network, rule.family(in: chain) == family else { continue }
      if let place = missing.firstIndex(where: { $0 == rule.accepts }) {
        missing.remove(at: place)
      } else {
        transaction.delete(installed)
      }
    }
    for acceptance in missing.reversed() { transaction.insert(acceptance.rule(of: network, in: id)) }
    return transaction
  }
}

/// The rules of a table's chains, each chain and the list of sets read once.
private struct RulesOfChains {
  let table: Table.ID
  private var known: [String: [ForeignRule]] = [:]
  private var sets: [NamedSet]?

  init(table: Table.ID) { self.table = table }

  mutating func read(_ chain: String, from tables: inout NFTablesSocket) throws(NetlinkError) -> [ForeignRule] {
    if let rules = known[chain] { return rules }
    var rules: [ForeignRule] = []
    for installed in try tables.rules(of: table, chain: chain) {
      let rule = try ForeignRule(installed.rule) { name throws(NetlinkError) in try states(in: name, from: &tables) }
      rules.append(rule)
    }
    known[chain] = rules
    return rules
  }

  /// The states of connections in a set: that of `ct state { established, related }` has no name of its own.
  private mutating func states(
    in name: String, from tables: inout NFTablesSocket
  ) throws(NetlinkError) -> ConnectionState {
    let sets = if let known = self.sets { known } else { try tables.sets(of: table) }
    self.sets = sets
    guard let set = sets.first(where: { $0.id.name == name && $0.keyTypes.count == 1 }) else { return [] }
    // In host byte order, as the kernel has them in a packet.
    return try tables.elements(of: set).reduce(into: []) { states, element in
      guard let bytes = element.key.first?.bytes, bytes.count == MemoryLayout<UInt32>.size else { return }
      states.insert(
        ConnectionState(rawValue: unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt32.self) }))
    }
  }
}

extension ForeignForward.Acceptance {
  /// What iptables(8) writes for `-s PREFIX -j ACCEPT`, with the comment where nft(8) keeps its own, in which both look
  /// for it.
  fileprivate func rule(of network: Identifier, in chain: Chain.ID) -> Rule {
    let match: NFTables.Statement =
      switch prefix {
      case .v4(let prefix): .match(end == .source ? .ipSource : .ipDestination, in: prefix)
      case .v6(let prefix): .match(end == .source ? .ip6Source : .ip6Destination, in: prefix)
      }
    return Rule(
      in: Chain(chain.table, chain.name), match, .counter, .accept, comment: RuleMark.comment(network))
  }
}

extension ForeignForward.Marked {
  /// Those of a chain's rules that are ours, with their family.
  static func all(in rules: [ForeignRule], of chain: ForeignChain) -> [(family: IPFamily, rule: Self)] {
    rules.compactMap { rule in
      rule.network.map { network in
        (rule.family(in: chain), Self(chain: chain, network: network, accepts: rule.accepts))
      }
    }
  }
}

extension ForeignRule {
  /// The family whose packets a rule of ours is for. One that was altered, and is for both now, is nobody's and counts
  /// once.
  func family(in chain: ForeignChain) -> IPFamily { family ?? chain.table.families.first ?? .v4 }
}

extension ForeignChain {
  /// nil for a chain of another family.
  fileprivate init?(_ id: Chain.ID) {
    switch id.table.family {
    case .ip: self.init(table: .ip(id.table.name), name: id.name)
    case .ip6: self.init(table: .ip6(id.table.name), name: id.name)
    case .inet: self.init(table: .inet(id.table.name), name: id.name)
    default: return nil
    }
  }
}

extension Chain.ID {
  /// nil for a chain that nf_tables knows nothing of.
  fileprivate init?(_ chain: ForeignChain) {
    switch chain.table {
    case .ip(let table): self.init(.init(.ip, table), chain.name)
    case .ip6(let table): self.init(.init(.ip6, table), chain.name)
    case .inet(let table): self.init(.init(.inet, table), chain.name)
    case .legacy: return nil
    }
  }
}
