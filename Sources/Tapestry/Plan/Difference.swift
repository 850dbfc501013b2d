import Linux
import NetTypes

extension Plan {
  /// Desired minus observed. Filters come before traffic: first the ruleset, then links, then other firewalls, then
  /// forwarding. Changes that loosen the ruleset wait until the links that they held back are gone.
  package static func difference(_ desired: Desired, _ observed: Observed) -> Plan {
    var plan = Plan()
    let ruleset = desired.ruleset
    plan.tightenRuleset(desired, ruleset, observed)
    plan.endNames(desired, observed)
    plan.removeLinks(desired, observed)
    let switches = desired.switches
    for network in desired.networks { plan.repair(network, switches[network.name] ?? [], observed) }
    // If a network's bridge is somebody else's, its guests wait: a TAP would become a port of that bridge.
    for guest in desired.guests where !observed.lacksBridge(of: guest.network) { plan.repair(guest, observed) }
    plan.repairForeign(desired, observed)
    plan.noticeRedirections(desired, observed)
    plan.loosenRuleset(desired, ruleset, observed)
    plan.repairNames(desired, observed)
    plan.repairSysctls(desired, observed)
    return plan
  }

  // MARK: Ruleset

  private mutating func tightenRuleset(_ desired: Desired, _ wanted: Ruleset, _ observed: Observed) {
    guard case .intact(let present) = observed.ruleset else {
      guard !desired.networks.isEmpty else { return }
      if observed.ruleset == .foreign { return conflicts.append(Conflict(error: .foreignTables)) }
      let drift = observed.ruleset == .missing ? "are missing" : "were altered"
      return add(.installRuleset(wanted), "the tables 'tapestry' \(drift)")
    }
    for list in wanted.domainLists.subtracting(present.domainLists).inOrder {
      add(
        .changeRuleset(RulesetChange(addedDomains: [list])), "the ruleset does not collect addresses of \(list)",
        network: desired.networks.first { $0.bridge == list.bridge }?.name)
    }
    let addedLimits = wanted.connectionLimits.subtracting(present.connectionLimits)
    if !addedLimits.isEmpty {
      add(.changeRuleset(RulesetChange(addedConnectionLimits: addedLimits)), "the ruleset lacks connection limits")
    }
    let addedNetworks = wanted.networks.subtracting(present.networks)
    var networks = present.networks
    for facts in addedNetworks.sorted(by: { $0.description < $1.description }) {
      let former = present.networks.first { $0.bridge == facts.bridge }
      let parts = networks.parts
      if let former { networks.remove(former) }
      networks.insert(facts)
      add(
        .changeRuleset(
          RulesetChange(
            addedNetworks: [facts], removedNetworks: [former].compactMap(\.self),
            parts: .init(from: parts, to: networks.parts))),
        former.map { "the ruleset has network \($0) instead of \(facts)" } ?? "the ruleset lacks network \(facts)",
        network: desired.networks.first { $0.bridge == facts.bridge }?.name)
    }
    let unwanted = present.guests.subtracting(wanted.guests)
    let formerGuests = Dictionary(unwanted.map { ($0.tapName, $0) }) { $1 }
    let wantedGuests = Dictionary(wanted.guests.map { ($0.tapName, $0) }) { $1 }
    for guest in desired.guests {
      guard let facts = wantedGuests[guest.lease.tapName], !present.guests.contains(facts) else { continue }
      let former = formerGuests[facts.tapName]
      add(
        .changeRuleset(RulesetChange(addedGuests: [facts], removedGuests: [former].compactMap(\.self))),
        former.map { "the ruleset has guest \($0) instead of \(facts)" } ?? "the ruleset lacks guest \(facts)",
        of: guest)
    }
    let gone = unwanted.filter { wantedGuests[$0.tapName] == nil }
    for facts in gone.sorted(by: { $0.description < $1.description }) {
      add(.changeRuleset(RulesetChange(removedGuests: [facts])), "the ruleset still accepts guest \(facts)")
    }
  }

  private mutating func loosenRuleset(_ desired: Desired, _ wanted: Ruleset, _ observed: Observed) {
    guard observed.ruleset != .missing, observed.ruleset != .foreign else { return }
    if desired.networks.isEmpty { return add(.removeRuleset, "the tables 'tapestry' exist without a network") }
    guard case .intact(let present) = observed.ruleset else { return }
    let bridges = Set(desired.networks.map(\.bridge))
    let gone = present.networks.filter { !bridges.contains($0.bridge) }
    var networks = wanted.networks.union(gone)
    for facts in gone.sorted(by: { $0.description < $1.description }) {
      let parts = networks.parts
      networks.remove(facts)
      let change = RulesetChange(removedNetworks: [facts], parts: .init(from: parts, to: networks.parts))
      add(.changeRuleset(change), "the ruleset still has network \(facts)")
    }
    forgetDomains(desired, present)
    let unusedLimits = present.connectionLimits.subtracting(wanted.connectionLimits)
    if !unusedLimits.isEmpty {
      add(
        .changeRuleset(RulesetChange(removedConnectionLimits: unusedLimits)),
        "the ruleset has connection limits that no guest has")
    }
  }

  private mutating func forgetDomains(_ desired: Desired, _ present: Ruleset) {
    let wanted = desired.domainLists
    let gone = present.domainLists.subtracting(wanted)
    var kept = present.domainLists.union(wanted)
    for list in gone.inOrder {
      kept.remove(list)
      let change = RulesetChange(removedDomains: [list], removedDomainSets: list.sets.subtracting(kept.sets))
      add(
        .changeRuleset(change), "the ruleset still collects addresses of \(list)",
        network: desired.networks.first { $0.bridge == list.bridge }?.name)
    }
  }

  // MARK: Links

  /// Owned links that are not desired: first TAPs, then the bridges that they were ports of.
  private mutating func removeLinks(_ desired: Desired, _ observed: Observed) {
    let wanted = Set(desired.networks.map(\.mark)).union(desired.guests.map(\.mark))
    var names = Dictionary(desired.networks.map { ($0.mark, $0.bridge.rawValue) }) { first, _ in first }
    names.merge(desired.guests.map { ($0.mark, $0.lease.tapName.rawValue) }) { first, _ in first }
    let owned = observed.links.values.filter(\.isOwned).sorted { $0.index < $1.index }
    for isBridge in [false, true] {
      for link in owned where (link.kind == "bridge") == isBridge {
        guard let mark = link.mark, !wanted.contains(mark) || names[mark] != link.name else { continue }
        add(
          .deleteLink(name: link.name, index: link.index, mark: mark),
          "link \(link.name) (\(mark.alias)) is not needed", network: mark.network, key: mark.key)
      }
    }
  }

  private mutating func repair(_ network: Network, _ switches: Set<BridgeSwitch>, _ observed: Observed) {
    if network.mode != .bridge, let value = observed.sysctls[Desired.arpIgnore], value != "0" {
      let error = TapestryError(
        .kernelUnsupported,
        "sysctl \(Desired.arpIgnore.rawValue) is \(value): guests of network \(network.name) cannot find their gateway. "
          + "Set it to 0 ('sysctl net.ipv4.conf.all.arp_ignore=0') and, if you need it, set it on single links instead."
      )
      conflicts.append(Conflict(error: error, network: network.name))
    }
    let (name, bridge) = (network.name, "bridge \(network.bridge)")
    guard let link = observed.links[network.bridge.rawValue] else {
      add(.createBridge(network), "\(bridge) is missing", network: name)
      add(.addGateway(network), "\(bridge) lacks its address \(network.subnet.gateway)", network: name)
      for choice in BridgeSwitch.allCases where switches.contains(choice) {
        add(.setSwitch(network, choice, true), "\(bridge) is missing", network: name)
      }
      repairChecksumFilter(network, nil, observed)
      return repairIPv6(network, nil, observed)
    }
    guard !observed.lacksBridge(of: network) else {
      let error = TapestryError.notOwned(link, wantedAs: "the bridge of network \(network.name)")
      return conflicts.append(Conflict(error: error, network: network.name))
    }
    var drift: [String] = []
    if !link.isUp { drift.append("is down") }
    if link.mtu != network.mtu { drift.append("has MTU \(link.mtu) instead of \(network.mtu)") }
    if network.mode == .bridge, !link.answersForItselfOnly { drift.append("answers ARP for addresses of other links") }
    // If the host does not forward at all, turning forwarding on turns it on for every link.
    if network.mode == .bridge, !link.forwards, observed.sysctls[.ipv4Forward] == "1" {
      drift.append("does not forward guests' packets")
    }
    if link.mac != network.bridgeMAC { drift.append("has another MAC than \(network.bridgeMAC)") }
    if !drift.isEmpty { add(.setBridge(network), "\(bridge) \(drift.joined(separator: ", "))", network: name) }
    for choice in BridgeSwitch.allCases where switches.contains(choice) != link.switches.contains(choice) {
      add(.setSwitch(network, choice, switches.contains(choice)), "\(bridge) \(link.drift(of: choice))", network: name)
    }
    if link.addresses[.v4(network.subnet.gateway)] != network.subnet.prefixLength {
      add(.addGateway(network), "\(bridge) lacks its address \(network.subnet.gateway)", network: name)
    }
    repairChecksumFilter(network, link, observed)
    repairIPv6(network, link, observed)
  }

  private mutating func repair(_ guest: Desired.Guest, _ observed: Observed) {
    let lease = guest.lease
    let name = lease.tapName.rawValue
    let bridge = observed.links[guest.network.bridge.rawValue]
    guard let link = observed.links[name] else {
      return add(.createTap(guest), "TAP \(name) of \(lease.key) is missing", of: guest)
    }
    guard link.mark == guest.mark, link.kind == "tun" else {
      let error = TapestryError.notOwned(link, wantedAs: "the TAP of \(lease.key)")
      return conflicts.append(Conflict(error: error, network: lease.network, key: lease.key))
    }
    let isPort = guest.network.mode == .bridge
    var drift = link.drift(asTapOf: guest)
    drift += isPort ? link.drift(asPortOf: guest, on: bridge) : link.drift(asRoutedTapOf: guest)
    drift += link.drift6(of: guest, on: bridge)
    if !isPort, !link.forwards, observed.sysctls[.ipv4Forward] == "1" {
      drift.append("does not forward its guest's packets")
    }
    if observed.checksumFilter == .inPlace, !link.isFiltered { drift.append("is not covered by the checksum filter") }
    if let ownerDrift = link.ownerDrift(of: guest) {
      // Nobody else can open the TAP while it is open. It is repaired when it is closed. The kernel cannot remove a group
      // from a TAP.
      if link.isOpen {
        let error = TapestryError(
          .tapCreateFailed,
          saying: """
            TAP \(name) of \(lease.key) \(ownerDrift), which cannot be changed while the TAP is open: \
            run '\(.repair)' when the VM has ended
            """)
        notices.append(Conflict(error: error, network: lease.network, key: lease.key))
      } else if link.owner?.gid != nil, lease.tapOwner.gid == nil {
        let drift = "TAP \(name) of \(lease.key) \(ownerDrift)"
        add(.deleteTap(guest), drift, of: guest)
        return add(.createTap(guest), drift, of: guest)
      } else {
        drift.append(ownerDrift)
      }
    }
    guard !drift.isEmpty else { return }
    add(.setTap(guest), "TAP \(name) of \(lease.key) \(drift.joined(separator: ", "))", of: guest)
  }

  // MARK: Sysctls

  private mutating func repairSysctls(_ desired: Desired, _ observed: Observed) {
    let present = observed.sysctls[.ipv4Forward] ?? "unknown"
    if !desired.networks.isEmpty, present != "1" {
      add(.setSysctl(.ipv4Forward, value: "1"), "sysctl \(Sysctl.ipv4Forward.rawValue) is \(present), not 1")
    }
    repairForwarding6(desired, observed)
    // Forwarding first, because it changes the others.
    let rank = { (sysctl: Sysctl) in [.ipv4Forward, .ipv6Forward].contains(sysctl) ? "" : sysctl.rawValue }
    let restored = desired.restoredSysctls.filter { observed.sysctls[$0.key] != $0.value }
    let others = observed.otherForwardingUsers
    guard others.isEmpty || restored.isEmpty else {
      return remarks.append(
        "forwarding and the sysctls that it changed stay as they are, because others on this host may need forwarding: "
          + others.prefix(3).joined(separator: ", ") + (others.count > 3 ? " and \(others.count - 3) more" : ""))
    }
    for (sysctl, value) in restored.sorted(by: { rank($0.key) < rank($1.key) }) {
      add(.restoreSysctl(sysctl, value: value), "sysctl \(sysctl.rawValue) is no longer needed and was \(value) before")
    }
  }
}

extension Observed {
  /// Whether the network's bridge cannot exist, because a link that is not ours has its name.
  func lacksBridge(of network: Network) -> Bool {
    guard let link = links[network.bridge.rawValue] else { return false }
    return link.mark != network.mark || link.kind != "bridge"
  }
}

extension TapestryError {
  fileprivate static let foreignTables = TapestryError(
    .notOwned,
    "A table called 'tapestry' exists in family bridge, arp or inet that Tapestry did not make. "
      + "See 'nft list tables'; rename or delete it.")

  static func notOwned(_ link: ObservedLink, wantedAs purpose: String) -> TapestryError {
    let kind = link.kind.map { "a \($0) link" } ?? "a link"
    return TapestryError(
      .notOwned,
      "'\(link.name)' is \(kind) that Tapestry did not make, so it cannot be \(purpose). "
        + "Choose another name, or remove that link yourself.")
  }
}
