import NetTypes

extension Reconciler {
  /// What `repair` would repair, and the networks whose name servers are part of it.
  func drift(from wanted: Desired) throws(TapestryError) -> (drift: [Drift], unserved: Set<Identifier>) {
    let garbage = try engine.garbage()
    let plan = Plan.difference(wanted, try observed()).sparingOpenTaps(try observed()).leaving(garbage.ended)
    let drift = try garbage.interrupted.map(\.drift) + plan.drift + forbiddenFlows(wanted)
    return (drift, plan.servedNetworks)
  }

  func adopt() throws(TapestryError) -> [Drift] {
    let found = Adoption.from(try observed(), known: try engine.desired())
    try store.adopt(found.networks, found.guests.map(\.lease))
    return found.drift
  }

  /// Removes objects with our mark that are not in the state file.
  func takeDownUnknown() throws(TapestryError) {
    let outcome = try converge()
    if let error = TapestryError.joining(outcome.errors, "Not everything could be removed") { throw error.leavingRest }
  }
}
