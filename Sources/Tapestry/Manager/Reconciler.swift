import Linux
import Logging
import NetTypes

/// The part of a command under the exclusive lock, which `Engine.alone` holds as long as this exists. It observes once, and
/// again only after it has changed something.
final class Reconciler {
  let engine: Engine
  private var observation: Observation?

  init(_ engine: Engine) { self.engine = engine }

  var store: SQLiteLeaseStore { engine.store }
  var host: any Host { engine.host }
  var options: NetworkManager.Options { engine.options }

  // MARK: Observing

  func observed() throws(TapestryError) -> Observed { try observe().observed }

  /// Checks that the kernel's objects belong to this state file, before the first change.
  /// - Throws: `STATE_MISMATCH`.
  func requireOwn() throws(TapestryError) { try engine.requireOwn(try observed()) }

  /// The host's own addresses: from the observation, or with few requests.
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

  /// - Returns: all failures.
  func apply(_ plan: Plan, observedAt generation: UInt32? = nil) -> [HostFailure] {
    guard !plan.items.isEmpty else { return [] }
    observation = nil
    return host.apply(plan, observedAt: generation)
  }

  /// Observes, plans and applies until the plan is applied, or fails for good.
  ///
  /// - Parameters:
  ///   - takesOver: Whether objects of another state file may be changed.
  ///   - sparesOpenTaps: Whether unknown TAPs that are open stay.
  ///   - select: The requested part of the difference.
  ///   - change: What should exist instead of what the store says.
  /// - Returns: the plan that was applied, and its failures.
  @discardableResult
  func converge(
    takesOver: Bool = false, sparesOpenTaps: Bool = false, select: (Plan) -> Plan = { $0 },
    to change: (Desired) throws(TapestryError) -> Desired = { $0 }
  ) throws(TapestryError) -> Outcome {
    var former: ObservedRuleset?
    var unchangedAttempts = 0
    for _ in 0..<Self.attempts {
      let observation = try observe()
      if takesOver { try engine.takeOver() } else { try engine.requireOwnTables(observation.observed.stateMark) }
      let wanted = try change(try engine.desired())
      var plan = Plan.difference(wanted, observation.observed)
      if sparesOpenTaps { plan = plan.sparingOpenTaps(observation.observed) }
      plan = select(plan)
      try remember(plan, observation.observed)
      // Does not wait for changes that leave our ruleset as it is, as learning name servers make all the time.
      unchangedAttempts = observation.observed.ruleset == former ? unchangedAttempts + 1 : 0
      former = observation.observed.ruleset
      let generation = unchangedAttempts < Self.unchangedAttempts ? observation.generation : nil
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
  /// The limit of successive attempts in which nothing of ours has changed.
  private static let unchangedAttempts = 5

  /// Stores a sysctl's value before it is first changed: after a kill in between, nothing has changed.
  private func remember(_ plan: Plan, _ observed: Observed) throws(TapestryError) {
    for case .setSysctl(let sysctl, _) in plan.steps {
      if let prior = observed.sysctls[sysctl] { try store.rememberSysctl(sysctl, value: prior) }
      for family in IPFamily.allCases where Forwarding.ofHost(family) == sysctl {
        let own = observed.links.values.filter { $0.mark != nil }.map(\.name)
        for (other, value) in Forwarding.lost(family, observed.sysctls, without: own) {
          try store.rememberSysctl(other, value: value)
        }
      }
    }
  }
}
