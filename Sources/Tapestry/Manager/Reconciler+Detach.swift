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
    let outcome = try converge(sparesOpenTaps: true) {
      () throws(TapestryError) in
      try engine.desired(without: keys)
    } select: {
      $0.concerning(networks).removals
    }
    if let error = outcome.errors.first { throw error }
    return true
  }
}

extension Observed {
  /// What the ruleset has about guests; of those that it does not have, what follows from their leases.
  fileprivate func facts(about guests: [Desired.Guest]) -> [Ruleset.GuestFacts] {
    let present: Set<Ruleset.GuestFacts> =
      switch ruleset {
      case .intact(let ruleset), .altered(let ruleset): ruleset.guests
      case .missing, .foreign: []
      }
    let byTap = Dictionary(present.map { ($0.tapName, $0) }) { first, _ in first }
    return guests.map { byTap[$0.lease.tapName] ?? Ruleset.GuestFacts($0) }
  }
}

extension Engine {
  /// Whether the kernel may have more of a guest than the elements and the TAP that follow from its lease: what others use
  /// too; or earlier settings, if a change of them was killed.
  func isEntangled(_ guest: Desired.Guest) throws(TapestryError) -> Bool { try areEntangled([guest]) }

  /// Whether more may have to be removed with one of these guests than their own plans remove.
  func needObservation(_ guests: [Desired.Guest]) throws(TapestryError) -> Bool {
    if guests.contains(where: \.reachesLoopbackByBridge) { return true }
    return try areEntangled(guests)
  }

  private func areEntangled(_ guests: [Desired.Guest]) throws(TapestryError) -> Bool {
    if guests.contains(where: { $0.lease.settings.hasChains || $0.lease.isUnsettled }) { return true }
    return try mayBePaired(guests)
  }

  /// Whether one of these guests may be one of a pair. Guests that are attached or detached at this moment are in the store
  /// already, or wait for the lock until these are.
  /// - Parameter vm: whose own changes do not count.
  func mayBePaired(_ guests: [Desired.Guest], besides vm: Identifier? = nil) throws(TapestryError) -> Bool {
    if guests.contains(where: { !$0.allowedLabels.isEmpty }) { return true }
    let labels = guests.reduce(into: Set<Label>()) { $0.formUnion($1.labels) }
    guard !labels.isEmpty else { return false }
    return try store.mayAllow(labels, besides: vm)
  }
}
