import Linux

/// How each kind of step is carried out. A new kind has to answer all of it.
struct StepTraits: Hashable {
  /// The kind of drift that it repairs.
  var kind: Drift.Kind
  /// Neighbouring steps of one group are carried out together; nil if a step is carried out alone.
  var group: Group?
  /// Whether the step removes something and makes nothing.
  var onlyRemoves = false
  var failure = Failure.goesOn
  /// Whether other steps work without it: sysctls, other firewalls, name servers, 127.0.0.0/8.
  var isIndependent = false
  /// Whether it waits for dnsmasq, so that `Host.serve` has to carry it out.
  var waitsForProcess = false

  enum Group: Hashable {
    /// One nf_tables transaction.
    case ruleset
    /// Links that one message may delete.
    case deletion
    /// Files of one name server.
    case names
  }

  /// What happens to the rest of the plan when the step fails.
  enum Failure: Hashable {
    case goesOn
    /// The rest is not carried out: it would be unfiltered, or lack a bridge.
    case ends
    /// Later steps of this kind are skipped. With IPv6 forwarding on and `accept_ra` not yet 2, the host would lose its
    /// default route.
    case skipsForwarding6
  }
}

extension Step {
  var traits: StepTraits {
    switch self {
    case .installRuleset: StepTraits(kind: .ruleset, group: .ruleset, failure: .ends)
    case .changeRuleset(let change):
      StepTraits(kind: .ruleset, group: .ruleset, onlyRemoves: change.onlyRemoves, failure: .ends)
    case .removeRuleset: StepTraits(kind: .ruleset, group: .ruleset, onlyRemoves: true, failure: .ends)
    case .createBridge, .setBridge, .addGateway: StepTraits(kind: .bridge, failure: .ends)
    // A bridge without its IPv6 addresses works otherwise.
    case .addGateway6, .setChecksumFilter: StepTraits(kind: .bridge)
    case .setSwitch(_, _, let isOn): StepTraits(kind: .bridge, onlyRemoves: !isOn, isIndependent: true)
    case .createTap, .setTap: StepTraits(kind: .tap)
    case .deleteTap: StepTraits(kind: .tap, group: .deletion, onlyRemoves: true)
    case .deleteLink: StepTraits(kind: .strayLink, group: .deletion, onlyRemoves: true)
    case .addAccepts: StepTraits(kind: .firewall, isIndependent: true)
    case .removeAccepts: StepTraits(kind: .firewall, onlyRemoves: true, isIndependent: true)
    case .setNames, .requireNameServer: StepTraits(kind: .nameServer, isIndependent: true)
    case .forgetNames: StepTraits(kind: .nameServer, group: .names, onlyRemoves: true, isIndependent: true)
    case .startNameServer, .stopNameServer:
      StepTraits(kind: .nameServer, isIndependent: true, waitsForProcess: true)
    case .removeNameServer:
      StepTraits(kind: .nameServer, onlyRemoves: true, isIndependent: true, waitsForProcess: true)
    case .setSysctl(let sysctl, _): Self.sysctl(sysctl, onlyRemoves: false)
    case .restoreSysctl(let sysctl, _): Self.sysctl(sysctl, onlyRemoves: true)
    }
  }

  private static func sysctl(_ sysctl: Sysctl, onlyRemoves: Bool) -> StepTraits {
    StepTraits(
      kind: .sysctl, onlyRemoves: onlyRemoves,
      failure: Forwarding6.isOfIPv6(sysctl) ? .skipsForwarding6 : .goesOn, isIndependent: true)
  }
}

extension Plan {
  /// Carries out the plan in order.
  /// - Parameter perform: gets a single step, or neighbouring steps of one group.
  /// - Returns: all failures.
  func carryOut(_ perform: (ArraySlice<Item>) -> [HostFailure]) -> [HostFailure] {
    var failures: [HostFailure] = []
    var rest = items[...]
    var stuck: HostFailure?
    while let first = rest.first {
      let traits = first.step.traits
      let count = traits.group == nil ? 1 : rest.prefix { $0.step.traits.group == traits.group }.count
      let run = rest.prefix(count)
      rest = rest.dropFirst(count)
      if let stuck, traits.failure == .skipsForwarding6 {
        failures.append(HostFailure(item: first, error: stuck.error, kind: stuck.kind))
        continue
      }
      let failed = perform(run)
      failures += failed
      guard let failure = failed.first else { continue }
      switch traits.failure {
      case .goesOn: break
      case .ends: return failures
      case .skipsForwarding6: stuck = failure
      }
    }
    return failures
  }
}
