import NetTypes

extension Reconciler {
  /// Removes leases that are held for nobody, and objects with our mark that have no lease.
  func collectGarbage() throws(TapestryError) -> [Drift] {
    try requireOwn()
    let garbage = try engine.garbage()
    let keys = Set(garbage.map(\.lease.key))
    do throws(TapestryError) {
      let outcome = try converge(sparesOpenTaps: true, select: \.removals, to: { $0.without(keys) })
      try finish(garbage.map(\.lease), after: outcome, "Not all garbage could be collected")
      return garbage.map(\.drift) + outcome.plan.drift
    } catch {
      throw error.leavingRest
    }
  }

  /// Releases those of these leases whose process has ended.
  func releaseEnded(_ leases: [Lease]) throws(TapestryError) {
    var ended: [Lease] = []
    for lease in leases where try engine.garbage(lease)?.isEnded == true { ended.append(lease) }
    guard !ended.isEmpty else { return }
    try store.markReleasing(ended.map(\.key))
    let guests = try engine.guests(of: ended)
    let plan = Plan.detach(guests, areStopped: try removeObserved(of: guests))
    try finish(
      ended, after: Outcome(plan: plan, failures: apply(plan)),
      "Not all leases of ended processes could be released")
  }
}
