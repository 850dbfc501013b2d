import NetTypes

extension Engine {
  /// What `repair` would repair. A VM that has ended is no drift: `gc` removes what it leaves.
  package func check() throws(TapestryError) -> [Drift] {
    try lookingTwice { work throws(TapestryError) in
      // It must not promise what `repair` refuses.
      if let error = try mismatch(try work.observed()) {
        return ([Drift(.conflict, error.commandLineMessage, step: nil)], [])
      }
      return try work.drift(from: try desired())
    }
  }

  /// Looks under the exclusive lock. If name servers differ, waits until nobody is starting or stopping them, and looks
  /// again.
  private func lookingTwice(
    _ look: (Reconciler) throws(TapestryError) -> (drift: [Drift], unserved: Set<Identifier>)
  ) throws(TapestryError) -> [Drift] {
    let first = try lookingAlone(look)
    guard !first.unserved.isEmpty else { return first.drift }
    try waitForServing(first.unserved)
    store.lookAgain()
    return try lookingAlone(look).drift
  }

  /// Descriptions of the attachments whose process has ended.
  package func ended() throws(TapestryError) -> [String] {
    try garbage().filter(\.reason.isEnded).map(\.drift.description)
  }

  package func previewRepair(adopt: Bool) throws(TapestryError) -> [Drift] {
    try lookingTwice { work throws(TapestryError) in
      let observed = try work.observed()
      var wanted = try desired()
      guard adopt else {
        try refuseMismatch(observed)
        return try work.drift(from: wanted)
      }
      let found = Adoption.from(observed, known: wanted)
      for network in found.networks { wanted = wanted.including(network) }
      for guest in found.guests { wanted = wanted.including(guest) }
      let rest = try work.drift(from: wanted)
      return (found.drift + rest.drift, rest.unserved)
    }
  }

  package func repair(adopt: Bool) throws(TapestryError) -> [Drift] {
    try alone { work throws(TapestryError) in
      if !adopt { try work.requireOwn() }
      var drift = adopt ? try work.adopt() : []
      let garbage = try garbage()
      drift += garbage.interrupted.map(\.drift)

      do throws(TapestryError) {
        let outcome = try work.converge(takesOver: adopt, sparesOpenTaps: true, select: { $0.leaving(garbage.ended) })
        drift += outcome.plan.drift
        for network in try store.networks() { try store.settle(network: network.name) }
        try work.finish(garbage.interrupted.map(\.lease), after: outcome, "Not everything could be repaired")
        return drift + (try work.endForbiddenFlows(suspects: outcome.plan.changedGuests(of: try desired())))
      } catch {
        throw error.unfinished
      }
    }
  }

  package func cleanup(network name: Identifier?) throws(TapestryError) {
    try host.requirePermission()
    try alone { work throws(TapestryError) in
      try work.requireOwn()
      let known = try store.networks().map(\.name)
      if let name, !known.contains(name) {
        // A kill may have left its name server, which is stopped last.
        unserved.insert(name)
        guard name == .default else { throw .networkNotFound(name) }
        return
      }
      let names = Set(name.map { [$0] } ?? known)
      let leases = try store.leases(network: name, vm: nil)
      try store.markReleasing(leases.map(\.key))
      try work.takeDown(names)
      if name == nil { try work.takeDownUnknown() }
    } orUndo: {
      $1.leavingNameServer
    }
  }
}

extension [Engine.Unused] {
  var ended: Set<AttachmentKey> { Set(filter(\.reason.isEnded).map(\.lease.key)) }
  var interrupted: [Engine.Unused] { filter { !$0.reason.isEnded } }
}

extension Plan {
  /// The guests that the ruleset had differently, or whose networks it had differently: they may have had other policies.
  fileprivate func changedGuests(of desired: Desired) -> Set<AttachmentKey> {
    let changed = items.filter { item in
      guard case .changeRuleset(let change) = item.step else { return false }
      let (added, removed) = (change.addedGuests.map(\.withoutPairs), change.removedGuests.map(\.withoutPairs))
      return !Set(added).subtracting(removed).isEmpty || !change.addedNetworks.isEmpty
    }
    return Set(
      desired.guests.filter { guest in
        changed.contains { $0.network == guest.network.name && ($0.key ?? guest.lease.key) == guest.lease.key }
      }.map(\.lease.key))
  }

  /// The items, conflicts and notices as drift.
  var drift: [Drift] {
    items.map { Drift($0.step.traits.kind, $0.drift, step: $0.step.description, network: $0.network, key: $0.key) }
      + (conflicts + notices).map {
        Drift(.conflict, $0.error.commandLineMessage, step: nil, network: $0.network, key: $0.key)
      }
  }
}
