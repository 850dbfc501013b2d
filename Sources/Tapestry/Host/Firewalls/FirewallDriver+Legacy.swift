import Linux
import NetTypes
import Xtables

/// The firewalls of iptables-legacy and ip6tables-legacy, which nf_tables does not see.
extension FirewallDriver {
  /// The tables of a family that are in use, without `nat`, whose chains drop nothing. Reading another one would create it.
  static func legacyTables(_ family: IPFamily) -> [String] { XtablesSocket.tables(family).filter { $0 != "nat" } }

  func observeLegacyForwards() -> [ForeignForward] {
    IPFamily.allCases.flatMap { family in
      Self.legacyTables(family).compactMap { name in
        let chain = ForeignChain(table: .legacy(family, name), name: "FORWARD")
        do throws(KernelError) {
          return Self.forward(try XtablesSocket(family).read(name), chain)
        } catch {
          return ForeignForward(
            chain: chain, family: family, place: chain, drops: false, obstacle: .unreadable("\(error)"))
        }
      }
    }
  }

  private static func forward(_ table: XtablesTable, _ chain: ForeignChain) -> ForeignForward? {
    guard let policy = table.policy(of: chain.name) else { return nil }
    let rules = { (chain: String) in table.rules(of: chain).map(ForeignRule.init) }
    let passed = ForeignChains(from: chain.name, rules: rules)
    return ForeignForward(
      chain, table.family, passed, policyDrops: policy == .drop,
      marksIn: Set(passed.names).union([ForeignChain.dockerUser]), others: ["INPUT", "OUTPUT"], rules: rules)
  }

  func setLegacyAccepts(
    _ network: Identifier, _ wanted: [ForeignForward.Acceptance], in chain: ForeignChain
  ) throws(StepFailure) {
    guard case .legacy(let family, let name) = chain.table, Self.legacyTables(family).contains(name) else { return }
    do throws(KernelError) {
      try XtablesSocket(family).change(name) { table in
        let installed = table.rules(of: chain.name)
        let room = ForeignChains(from: chain.name) { table.rules(of: $0).map(ForeignRule.init) }
          .room(in: chain.name, family)
        let (missing, removed) = ForeignForward.Acceptance.changes(
          to: wanted, of: network, family, in: chain, installed.map(ForeignRule.init), room: room)
        for place in removed { table.remove(installed[place]) }
        let before = room.lowerBound - removed.count { $0 < room.lowerBound }
        for acceptance in missing.reversed() {
          table.insert(acceptance.rule(of: network), in: chain.name, after: before)
        }
      }
    } catch {
      throw StepFailure(
        TapestryError(error, .kernelRefused, "Failed to change chain '\(chain)' for network \(network)"))
    }
  }
}

extension ForeignRule {
  fileprivate init(_ rule: XtablesRule) {
    self.init()
    if rule.isConditional { ask(.unknown) }
    if let source = rule.source { ask(.some(.init(end: .source, prefix: source))) }
    if let destination = rule.destination { ask(.some(.init(end: .destination, prefix: destination))) }
    outcome = Outcome(rule.target)
    network = rule.comment.flatMap(RuleMark.network)
  }
}

extension ForeignRule.Outcome {
  init(_ target: XtablesRule.Target) {
    self =
      switch target {
      case .accept: .accept
      case .drop: .drop
      case .return: .return
      case .jump(let chain): .jump(chain)
      case .goto(let chain): .goto(chain)
      case .next: .goesOn
      case .other(let name): Self(extension: name)
      }
  }
}

extension ForeignForward.Acceptance {
  fileprivate func rule(of network: Identifier) -> XtablesRule.Acceptance {
    XtablesRule.Acceptance(
      source: end == .source ? prefix : nil, destination: end == .destination ? prefix : nil,
      comment: RuleMark.comment(network))
  }
}
