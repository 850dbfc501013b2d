extension Engine {
  /// Whether more may have to be removed with one of these guests than their own plans remove.
  func needObservation(_ guests: [Desired.Guest]) throws(TapestryError) -> Bool {
    if guests.contains(where: \.reachesLoopbackByBridge) { return true }
    return try areEntangled(guests)
  }

  /// Whether the kernel may have more of one of these guests than the elements and the TAP that follow from its lease: what
  /// others use too; or earlier settings, if a change of them was killed.
  func areEntangled(_ guests: [Desired.Guest]) throws(TapestryError) -> Bool {
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
