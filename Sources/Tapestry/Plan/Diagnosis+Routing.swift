import NetTypes

/// Policy routing: whether packets from and to guests use the same routes as the host's own packets.
extension Diagnosis {
  func routingRules(_ observed: Observed) -> [Finding] {
    guard isInUse else { return [] }
    return networks.flatMap { network in
      IPFamily.allCases.flatMap { family -> [Finding] in
        guard let prefix = network.prefix(family) else { return [] }
        let ways = Ways(facts.routingRules.filter { $0.family == family }, observed, network, prefix)
        let outward = ways.outward.map {
          $0.finding(
            network, prefix, "routes packets from network \(network.name) differently from the host's own", "from")
        }
        let inward = ways.inward.map {
          $0.finding(network, prefix, "keeps packets to guests of network \(network.name) from reaching them", "to")
        }
        return [outward, inward].compactMap(\.self)
      }
    }
  }
}

/// How rules and routes direct the packets of one network.
private struct Ways {
  /// The rule that sends guests' packets elsewhere; nil if they use the host's routes.
  var outward: HostFacts.RoutingRule?
  /// The rule that prevents packets to guests from reaching them.
  var inward: HostFacts.RoutingRule?

  /// RT_TABLE_DEFAULT, RT_TABLE_MAIN, RT_TABLE_LOCAL.
  private static let hosts: ClosedRange<UInt32> = 253...255

  init(_ rules: [HostFacts.RoutingRule], _ observed: Observed, _ network: Network, _ prefix: IPPrefix) {
    let own = observed.links(of: network.name)
    let ownNames = Set(observed.links.values.filter { own.contains($0.index) }.map(\.name))
    let tables = Dictionary(
      grouping: observed.routes.filter { $0.destination.family == prefix.family }, by: \.table)
    // A rule that matches more than addresses and links may match none of these packets.
    let rules = rules.filter { !$0.isConditional }.sorted { $0.priority < $1.priority }

    outward = rules.firstDecisive { rule in
      guard rule.source?.overlaps(prefix) ?? true, rule.destination == nil,
        rule.inputLink.map(ownNames.contains) ?? true
      else { return nil }
      let isOfGuests = rule.source != nil || rule.inputLink != nil
      guard let table = rule.table else { return isOfGuests }
      let leads = tables[table, default: []].contains { $0.destination.isDefault && rule.sees($0) }
      return leads ? isOfGuests && !Self.hosts.contains(table) : nil
    }
    inward = rules.firstDecisive { rule in
      guard rule.destination?.overlaps(prefix) ?? true, rule.source == nil, rule.inputLink == nil else { return nil }
      guard let table = rule.table else { return true }
      let routes = tables[table, default: []].filter { rule.sees($0) && $0.destination.overlaps(prefix) }
      if Self.hosts.contains(table) { return routes.isEmpty ? nil : false }
      guard !routes.isEmpty else { return nil }
      return !routes.contains { $0.link.map(own.contains) ?? false }
    }
  }
}

extension [HostFacts.RoutingRule] {
  /// Returns the first rule that decides, if it decides for another route.
  fileprivate func firstDecisive(_ isElsewhere: (HostFacts.RoutingRule) -> Bool?) -> HostFacts.RoutingRule? {
    for rule in self {
      guard let found = isElsewhere(rule) else { continue }
      return found ? rule : nil
    }
    return nil
  }
}

extension HostFacts.RoutingRule {
  fileprivate func sees(_ route: ObservedRoute) -> Bool {
    suppressed.map { route.destination.prefixLength > $0 } ?? true
  }

  /// The rule in the syntax of ip-rule(8).
  private var words: String {
    var words = [isInverted ? "not from" : "from", source.map { "\($0)" } ?? "all"]
    if let destination { words += ["to", "\(destination)"] }
    if let inputLink { words += ["iif", inputLink] }
    words.append(table.map { "lookup \($0)" } ?? "unreachable")
    return "\(priority): \(words.joined(separator: " "))"
  }

  fileprivate func finding(_ network: Network, _ prefix: IPPrefix, _ what: String, _ end: String) -> Finding {
    let program = family == .v6 ? "ip -6" : "ip"
    let isFatal = table == nil || end == "to"
    return Finding(
      "routing", isFatal ? .problem : .warning, "routing rule '\(words)' \(what)",
      advice:
        "unless that is intended: \(program) rule add pref \(priority > 0 ? priority - 1 : 0) \(end) \(prefix) lookup main",
      network: network.name)
  }
}
