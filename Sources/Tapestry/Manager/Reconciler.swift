import Linux
import Logging
import NetTypes

/// The work of a command while nobody else does any: the state's lock is held alone as long as `Engine.alone` has one of
/// these. What there is, is observed once, and again only after something was changed.
final class Reconciler {
  let engine: Engine
  private var observation: Observation?

  init(_ engine: Engine) { self.engine = engine }

  var store: any LeaseStore { engine.store }
  var host: any Host { engine.host }
  var options: NetworkManager.Options { engine.options }

  // MARK: Observing

  func observed() throws(TapestryError) -> Observed { try observe().observed }

  /// That the kernel's side is this state file's, before the first change.
  /// - Throws: `STATE_MISMATCH`.
  func requireOwn() throws(TapestryError) { try engine.requireOwn(try observed()) }

  /// What is the host's own: of what was observed, or as few requests tell it.
  func addresses() throws(TapestryError) -> HostAddresses {
    if let observation { HostAddresses(observation.observed) } else { try host.addresses() }
  }

  private func observe() throws(TapestryError) -> Observation {
    if let observation { return observation }
    let new = try engine.observe()
    observation = new
    return new
  }

  // MARK: Carrying out

  /// - Returns: every failure met.
  func apply(_ plan: Plan, observedAt generation: UInt32? = nil) -> [HostFailure] {
    guard !plan.items.isEmpty else { return [] }
    observation = nil
    return host.apply(plan, observedAt: generation)
  }

  /// Observes, plans and applies until the plan is carried out, or fails for good.
  ///
  /// - Parameters:
  ///   - takesOver: whether it may be another state file's side of the kernel that is changed.
  ///   - sparesOpenTaps: whether TAPs stay that nobody knows and somebody has open.
  ///   - select: the part of the difference that is asked for.
  /// - Returns: the plan that was carried out, and what of it failed.
  @discardableResult
  func converge(
    takesOver: Bool = false, sparesOpenTaps: Bool = false, _ desired: () throws(TapestryError) -> Desired,
    select: (Plan) -> Plan = { $0 }
  ) throws(TapestryError) -> Outcome {
    var former: ObservedRuleset?
    var vainAttempts = 0
    for _ in 0..<Self.attempts {
      let observation = try observe()
      if takesOver { try engine.takeOver() } else { try engine.requireOwnTables(observation.observed.stateMark) }
      let wanted = try desired()
      var plan = Plan.difference(wanted, observation.observed)
      if sparesOpenTaps { plan = plan.sparingOpenTaps(observation.observed) }
      plan = select(plan)
      try remember(plan, observation.observed)
      // What changes all the time and leaves ours as it is, as name servers do that learn, is not waited for.
      vainAttempts = observation.observed.ruleset == former ? vainAttempts + 1 : 0
      former = observation.observed.ruleset
      let generation = vainAttempts < Self.vainAttempts ? observation.generation : nil
      let failures = apply(plan, observedAt: generation)
      if failures.contains(where: { $0.kind == .stale }) { continue }
      for remark in plan.remarks { options.logger.notice("\(remark)") }
      let refused = Plan(items: failures.map(\.item)).servedNetworks
      engine.unserved.formUnion(plan.servedNetworks.subtracting(refused))
      return Outcome(plan: plan, failures: failures)
    }
    throw TapestryError(
      .kernelRefused,
      "The nf_tables ruleset changed \(Self.attempts) times while it was being read. Something on this host keeps "
        + "rewriting it; stop that, and run the command again.")
  }

  private static let attempts = 100
  /// In a row, with nothing of ours changed meanwhile.
  private static let vainAttempts = 5

  /// A sysctl's value is written down before it is first changed: whoever dies in between has changed nothing.
  private func remember(_ plan: Plan, _ observed: Observed) throws(TapestryError) {
    for case .setSysctl(let sysctl, _) in plan.steps {
      if let prior = observed.sysctls[sysctl] { try store.rememberSysctl(sysctl, value: prior) }
      let lost =
        switch sysctl {
        case .ipv4Forward: Forwarding.lost(observed.sysctls)
        case .ipv6Forward: Forwarding6.lost(observed.sysctls)
        default: [Sysctl: String]()
        }
      for (other, value) in lost { try store.rememberSysctl(other, value: value) }
    }
  }
}
