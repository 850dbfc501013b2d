import Linux
import NFTables
import NetTypes
import Xtables

/// Foreign NAT chains: Docker's, Podman's, kube-proxy's, the administrator's.
extension FirewallDriver {
  func observeForeignTranslations() throws(KernelError) -> [ForeignTranslation] {
    try readTables(observeTranslations) + IPFamily.allCases.flatMap(observeLegacyTranslations)
  }

  private func observeTranslations(_ table: Table) throws(KernelError) -> [ForeignTranslation] {
    let bases = try ruleset.tables.chains(of: [table.id]).filter { $0.base?.kind == .nat }
    guard !bases.isEmpty else { return [] }
    let rules = try ruleset.tables.rules(of: table.id).map(\.rule)
    let byChain = Dictionary(grouping: rules, by: \.chain.name)
    let sets = try portSets(of: table.id, rules)
    let redirecting =
      table.id.family == .ip6
      ? [:] : byChain.mapValues { $0.map { rule in ForeignRedirectingRule(rule) { sets[$0] } } }
    return bases.compactMap { base in
      guard let chain = ForeignChain(base.id) else { return nil }
      var found = ForeignTranslation(chain: chain, hasRules: byChain[chain.name]?.isEmpty == false)
      if base.base?.hook == .prerouting { found.ports = ForeignRedirections(from: chain.name, redirecting).found }
      return found
    }
  }

  /// The ports in those sets and maps, keyed by port, that rules look up.
  private func portSets(
    of table: Table.ID, _ rules: [Rule]
  ) throws(KernelError) -> [String: [ClosedRange<UInt16>]] {
    let names = Set(
      rules.flatMap(\.expressions).compactMap { if case .lookup(let lookup) = $0.kind { lookup.set } else { nil } })
    guard !names.isEmpty else { return [:] }
    var ports: [String: [ClosedRange<UInt16>]] = [:]
    for set in try ruleset.tables.sets(of: table) where names.contains(set.id.name) && set.keyTypes == [.inetService] {
      ports[set.id.name] = try ruleset.tables.elements(of: set).compactMap { element in
        guard let first = element.key.first?.port else { return nil }
        let last = element.keyEnd?.first?.port ?? first
        return first <= last ? first...last : nil
      }
    }
    return ports
  }

  private func observeLegacyTranslations(_ family: IPFamily) -> [ForeignTranslation] {
    let name = "nat"
    guard XtablesSocket.tables(family).contains(name), let table = try? XtablesSocket(family).read(name) else {
      return []
    }
    return ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"].filter(table.hasChain).map { chain in
      var found = ForeignTranslation(
        chain: ForeignChain(table: .legacy(family, name), name: chain), hasRules: !table.rules(of: chain).isEmpty)
      if family == .v4, chain == "PREROUTING" {
        let rules = Dictionary(
          table.chainNames.map { ($0, table.rules(of: $0).map(ForeignRedirectingRule.init)) }
        ) { first, _ in first }
        found.ports = ForeignRedirections(from: chain, rules).found
      }
      return found
    }
  }
}

extension Datum {
  /// A port in host byte order. Returns nil for anything else.
  fileprivate var port: UInt16? { bytes.count >= 2 ? UInt16(bytes[0]) << 8 | UInt16(bytes[1]) : nil }
}
