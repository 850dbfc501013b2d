import NetTypes

extension Reconciler {
  /// Removes what the kernel has of attachments that are being removed, apart from their TAPs and names, if that may be more
  /// than follows from their leases. Nobody would remove it after the leases are released.
  /// - Returns: whether it has done so; then the ruleset has nothing of them any more.
  func removeObserved(of guests: [Desired.Guest]) throws(TapestryError) -> Bool {
    guard try engine.needObservation(guests) else { return false }
    let facts = try observed().facts(about: guests)
    let plan = zip(guests, facts).reduce(into: Plan()) { $0.stop($1.0, $1.1) }
    if let failure = apply(plan).first { throw failure.error }
    // What their networks had only for them.
    let keys = Set(guests.map(\.lease.key))
    let networks = Set(guests.map(\.network.name))
    try converge(sparesOpenTaps: true, select: { $0.concerning(networks).removals }, to: { $0.without(keys) })
      .requireSuccess()
    return true
  }
}

extension Observed {
  /// What the ruleset has about guests; of those that it does not have, what follows from their leases.
  fileprivate func facts(about guests: [Desired.Guest]) -> [Ruleset.GuestFacts] {
    let byTap = Dictionary(ruleset.facts.guests.map { ($0.tapName, $0) }) { first, _ in first }
    return guests.map { byTap[$0.lease.tapName] ?? Ruleset.GuestFacts($0) }
  }
}
