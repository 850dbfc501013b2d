import NetTypes

/// Changes of existing attachments and networks, from what the store said to what it says now. The kernel is asked nothing
/// before. If more is needed, or the kernel refuses because it differs from the store, the difference is applied instead.
extension Reconciler {
  /// - Returns: false if the difference has to be applied: there is nothing to change, because a previous attempt may have
  ///   been killed; or an earlier change may have been. Parts of this change may be in force then.
  func change(_ before: [Desired.Guest], to after: [Desired.Guest]) throws(TapestryError) -> Bool {
    let pairs = zip(before, after)
    guard before.count == after.count, !before.contains(where: \.lease.isUnsettled),
      pairs.allSatisfy({ !$0.differsInChains(from: $1) })
    else { return false }
    if try changePairs(before, to: after) { return false }
    var plan = Plan()
    for (old, new) in pairs {
      let (removed, added) = (Ruleset.GuestFacts(old), Ruleset.GuestFacts(new))
      let key = new.lease.key
      if removed != added {
        plan.add(
          .changeRuleset(RulesetChange(addedGuests: [added], removedGuests: [removed])), "\(key) is changed", of: new)
      }
      let changesLoopback = old.lease.settings.isReachedFromLoopback != new.lease.settings.isReachedFromLoopback
      if changesLoopback, new.network.mode == .bridge {
        // A bridge routes 127.0.0.0/8 as long as any of its guests is reached from there.
        let others = try engine.desired().without([key])
        let isOn = others.including(new).switches[new.network.name]?.contains(.routesLoopback) == true
        plan.add(.setSwitch(new.network, .routesLoopback, isOn), "\(key) is changed", of: new)
      }
      if old.lease.settings.rateLimit.receive != new.lease.settings.rateLimit.receive
        || GuestGroup(old) != GuestGroup(new) || changesLoopback && new.network.mode != .bridge
      {
        plan.add(.setTap(new), "\(key) is changed", of: new)
      }
    }
    return !plan.isEmpty && apply(plan).isEmpty
  }

  /// The same for a network.
  func change(_ before: Network, to after: Network) -> Bool {
    let (old, new) = (before.settings, after.settings)
    guard old.egress.domains == new.egress.domains, old.egress.labels == new.egress.labels, old.labels == new.labels
    else { return false }
    let (removed, added) = (Ruleset.NetworkFacts(before), Ruleset.NetworkFacts(after))
    guard removed != added else { return false }
    var plan = Plan()
    plan.add(
      .changeRuleset(RulesetChange(addedNetworks: [added], removedNetworks: [removed])), "\(after.name) is changed",
      network: after.name)
    return apply(plan).isEmpty
  }

  /// Whether connections may be established that the changed settings forbid, or those before them, which may never have
  /// been in force.
  func mayForbid(_ before: [Desired.Guest], _ after: [Desired.Guest]) throws(TapestryError) -> Bool {
    if before.contains(where: \.lease.isUnsettled) || after.contains(where: { $0.lease.unsettled == .policy }) {
      return true
    }
    return try changePairs(before, to: after)
  }

  /// Whether other guests' elements may change too, because labels do.
  private func changePairs(_ before: [Desired.Guest], to after: [Desired.Guest]) throws(TapestryError) -> Bool {
    let changed = zip(before, after).filter { $0.labels != $1.labels || $0.allowedLabels != $1.allowedLabels }
    guard let vm = changed.first?.0.lease.key.vm else { return false }
    return try engine.mayBePaired(changed.flatMap { [$0, $1] }, besides: vm)
  }
}

extension Desired.Guest {
  /// Returns true if it differs in more than elements and its TAP: in chains, or in what its network's name server learns.
  fileprivate func differsInChains(from other: Desired.Guest) -> Bool {
    let (own, others) = (lease.settings, other.lease.settings)
    return own.egress.domains != others.egress.domains
      || own.maxConnections != others.maxConnections && (own.limitsInChain || others.limitsInChain)
  }
}
