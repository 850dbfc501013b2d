import Linux
import NetTypes
import Xtables

/// The firewalls of iptables-legacy and ip6tables-legacy, which nf_tables knows nothing of.
extension LinuxHost {
  private static let legacyTable = "filter"

  /// nil where the family's is not in use.
  func observeLegacyForward(_ family: IPFamily) -> ForeignForward? {
    guard XtablesSocket.tables(family).contains(Self.legacyTable) else { return nil }
    let chain = ForeignChain(table: .legacy(family), name: "FORWARD")
    do throws(SystemError) {
      return ForeignForward(try XtablesSocket(family).read(Self.legacyTable), chain)
    } catch {
      return ForeignForward(
        chain: chain, family: family, place: chain, drops: false, obstacle: .unreadable("\(error)"))
    }
  }

  func setLegacyAccepts(
    _ network: Identifier, _ wanted: [ForeignForward.Acceptance], of family: IPFamily, in chain: ForeignChain
  ) throws(StepFailure) {
    // Asking for a table that is not there would make it.
    guard XtablesSocket.tables(family).contains(Self.legacyTable) else { return }
    do throws(SystemError) {
      try XtablesSocket(family).change(Self.legacyTable) { table in
        var missing = wanted
        for installed in table.rules(of: chain.name) {
          let rule = ForeignRule(installed)
          guard rule.network == network else { continue }
          if let place = missing.firstIndex(where: { $0 == rule.accepts }) {
            missing.remove(at: place)
          } else {
            table.remove(installed)
          }
        }
        for acceptance in missing.reversed() { table.insert(acceptance.rule(of: network), atTopOf: chain.name) }
      }
    } catch {
      throw StepFailure(
        TapestryError(error, .kernelRefused, "Failed to change chain '\(chain)' for network \(network)"))
    }
  }
}

extension ForeignForward {
  fileprivate init?(_ table: XtablesTable, _ chain: ForeignChain) {
    guard let policy = table.policy(of: chain.name) else { return nil }
    let walk = ForeignWalk(of: chain.name, table.family) { table.rules(of: $0).map(ForeignRule.init) }
    let rules = table.rules(of: chain.name).map(ForeignRule.init)
    self.init(
      chain: chain, family: table.family, place: chain,
      drops: walk.end == .drops || walk.end == .falls && policy == .drop, accepted: walk.accepted)
    var dockerUser = chain
    dockerUser.name = ForeignChain.dockerUser
    if rules.contains(where: { $0.scope == .all && $0.outcome == .jump(dockerUser.name) }) { place = dockerUser }
    for chain in [chain, dockerUser] {
      marked += Marked.all(in: table.rules(of: chain.name).map(ForeignRule.init), of: chain).map(\.rule)
    }
  }
}

extension ForeignRule {
  fileprivate init(_ rule: XtablesRule) {
    self.init()
    if rule.isConditional { scope = .unknown }
    if let source = rule.source { scope = scope.and(.some(.init(end: .source, prefix: source))) }
    if let destination = rule.destination { scope = scope.and(.some(.init(end: .destination, prefix: destination))) }
    outcome =
      switch rule.target {
      case .accept: .accept
      case .drop, .other("REJECT"): .drop
      case .return: .return
      case .jump(let chain): .jump(chain)
      case .goto(let chain): .goto(chain)
      case .next, .other: .other
      }
    network = rule.comment.flatMap(RuleMark.network)
  }
}

extension ForeignForward.Acceptance {
  fileprivate func rule(of network: Identifier) -> XtablesRule.Acceptance {
    XtablesRule.Acceptance(
      source: end == .source ? prefix : nil, destination: end == .destination ? prefix : nil,
      comment: RuleMark.comment(network))
  }
}
