import NetTypes

extension Engine {
  /// What `repair` would mend. That a VM has ended is nothing to mend: what it leaves is for `gc`.
  package func check() throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in
      let (wanted, observed) = (try desired(), try host.observe().observed)
      // What `repair` refuses it must not promise.
      if let refusal = try refusalToForget(observed) { return [Drift(description: refusal.message, step: nil)] }
      return try drift(from: wanted, observed)
    }
  }

  /// The attachments whose process has ended, in words.
  package func ended() throws(TapestryError) -> [String] {
    try garbage().filter(\.reason.isEnded).map(\.drift.description)
  }

  private func drift(from wanted: Desired, _ observed: Observed) throws(TapestryError) -> [Drift] {
    let garbage = try garbage()
    let plan = Plan.difference(wanted, observed).leaving(garbage.ended)
    return try garbage.interrupted.map(\.drift) + plan.drift + forbiddenFlows(wanted, observed)
  }

  package func previewRepair(adopt: Bool) throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in
      let observed = try host.observe().observed
      var wanted = try desired()
      guard adopt else {
        try refuseToForget(observed)
        return try drift(from: wanted, observed)
      }
      let found = Adoption.from(observed, known: wanted)
      for network in found.networks { wanted = wanted.including(network) }
      for guest in found.guests { wanted = wanted.including(guest) }
      return try found.drift + drift(from: wanted, observed)
    }
  }

  package func repair(adopt: Bool) throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in
      let observed = try host.observe().observed
      var drift: [Drift] = []
      if adopt {
        drift += try self.adopt(observed)
      } else {
        try refuseToForget(observed)
      }
      let garbage = try garbage()
      drift += garbage.interrupted.map(\.drift)

      do throws(TapestryError) {
        let outcome = try converge(desired) { $0.leaving(garbage.ended) }
        drift += outcome.plan.drift
        try finish(garbage.interrupted.map(\.lease), after: outcome, "Not everything could be repaired")
        return drift + (try endForbiddenFlows(suspects: outcome.plan.changedGuests(of: try desired())))
      } catch {
        throw error.unfinished
      }
    }
  }

  /// A state file that knows no network where the kernel has our TAPs is a lost one: repairing towards it would cut
  /// running guests off.
  func refuseToForget(_ observed: Observed) throws(TapestryError) {
    if let refusal = try refusalToForget(observed) { throw refusal }
  }

  private func refusalToForget(_ observed: Observed) throws(TapestryError) -> TapestryError? {
    guard try store.networks().isEmpty else { return nil }
    let orphans = observed.links.values.filter { $0.isOwned && $0.mark?.key != nil }
    guard !orphans.isEmpty else { return nil }
    return TapestryError(
      .stateCorrupt,
      "The state file \(options.statePath) knows no network, but the kernel has \(orphans.count) attachments of "
        + "Tapestry's. Run 'tapestry repair --adopt' to take them over, or 'tapestry cleanup' to remove them.")
  }

  private func adopt(_ observed: Observed) throws(TapestryError) -> [Drift] {
    let found = Adoption.from(observed, known: try desired())
    try store.adopt(found.networks, found.guests.map(\.lease))
    return found.drift
  }

  package func cleanup(network text: String?) throws(TapestryError) {
    let name = try text.map { text throws(TapestryError) in try Identifier(validating: text, field: "network name") }
    try host.requirePermission()
    try lock.alone { () throws(TapestryError) in
      let known = try store.networks().map(\.name)
      if let name, !known.contains(name) {
        guard name == .default else { throw .networkNotFound(name) }
        return
      }
      let names = Set(name.map { [$0] } ?? known)
      let leases = try store.leases(network: name, vm: nil)
      try store.markReleasing(leases.map(\.key))
      if name == nil {
        try takeDownEverything(names)
      } else {
        try takeDown(names)
      }
    }
  }

  /// Also what carries our mark and is in no state file.
  private func takeDownEverything(_ names: Set<Identifier>) throws(TapestryError) {
    try takeDown(names)
    let outcome = try converge(desired)
    if let error = TapestryError.joining(outcome.errors, "Not everything could be removed") { throw error.leavingRest }
  }
}

extension [Engine.Unused] {
  fileprivate var ended: Set<AttachmentKey> { Set(filter(\.reason.isEnded).map(\.lease.key)) }
  fileprivate var interrupted: [Engine.Unused] { filter { !$0.reason.isEnded } }
}

extension Plan {
  /// The guests that the ruleset knew otherwise, or whose networks it did: they may have had other policies.
  fileprivate func changedGuests(of desired: Desired) -> Set<AttachmentKey> {
    let changed = items.filter { item in
      guard case .changeRuleset(let change) = item.step else { return false }
      return !change.addedGuests.isEmpty || !change.addedNetworks.isEmpty
    }
    return Set(
      desired.guests.filter { guest in
        changed.contains { $0.network == guest.network.name && ($0.key ?? guest.lease.key) == guest.lease.key }
      }.map(\.lease.key))
  }

  /// The items, conflicts and notices as drift.
  var drift: [Drift] {
    items.map { Drift(description: $0.drift, step: $0.step.description) }
      + (conflicts + notices).map { Drift(description: $0.error.message, step: nil) }
  }
}
