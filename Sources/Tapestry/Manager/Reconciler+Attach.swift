import NetTypes

extension Reconciler {
  /// Returns an existing attachment if it is as the store has it, as far as few requests show, and renews it.
  /// - Returns: nil otherwise. An attachment whose attach or change was interrupted, or that others share something with,
  ///   takes the thorough path.
  func present(_ request: LeaseRequest, in network: Identifier) throws(TapestryError) -> Desired.Guest? {
    guard let held = try store.lease(for: request.key), held.state == .active,
      try engine.garbage(held) == nil
    else { return nil }
    try engine.requireOwnTables()
    let claim = try store.claim(request, in: network) { _ in true }
    let guest = Desired.Guest(network: claim.network, lease: claim.lease)
    guard try !engine.areEntangled([guest]), try host.isInPlace(guest), apply(.attach(guest, again: true)).isEmpty
    else { return nil }
    try host.renew(guest)
    return guest
  }

  /// - Returns: the attachment, and whether it is new.
  func attach(
    _ request: LeaseRequest, to name: Identifier
  ) throws(TapestryError) -> (guest: Desired.Guest, isNew: Bool) {
    if try store.network(named: name) == nil {
      guard name == .default else { throw .networkNotFound(name) }
      try establishDefaultNetwork()
    }
    let observed = try observed()
    let isFree = { (tapName: InterfaceName) in observed.isFree(tapName, for: request.key, of: name) }
    let claim = try claim(request, in: name, isFree)
    var lease = claim.lease
    if lease.state == .pending, !isFree(lease.tapName) {
      // The fast path claimed the name without looking, and a foreign link has it.
      lease = try store.renameTap(of: request.key, isTapNameFree: isFree)
    }
    var guest = Desired.Guest(network: claim.network, lease: lease)
    try converge(select: { $0.concerning(name, only: request.key) }, to: { $0.including(guest) }).requireSuccess()
    if !claim.isNew { try host.renew(guest) }
    guard lease.state == .pending else { return (guest, isNew: false) }
    try store.activate([request.key])
    guest.lease.state = .active
    return (guest, isNew: true)
  }

  /// Undoes what a failed attach left, and releases its lease.
  func undo(_ guest: Desired.Guest) throws(TapestryError) {
    let key = guest.lease.key
    // The kernel first: a lease that cannot be released now stays pending, and is released later.
    let isShared = try removeObserved(of: [guest])
    let failures = apply(.detach([guest], areStopped: isShared)).map(\.error)
    if let error = TapestryError.joining(failures, "Not everything could be undone") { throw error }
    try store.markReleasing([key])
    if let error = TapestryError.joining(host.forget([guest]), "Not everything could be undone") { throw error }
    try store.release([key])
    // What was made only for it goes too. The name server learns the others' domains again.
    if isShared { try bringUp(guest.network.name) }
  }

  /// Undoes an attach that was visible to others, unless the attachment has been claimed again meanwhile.
  func undo(active guest: Desired.Guest) throws(TapestryError) {
    // The network's name server was stopped for this, and has to run again without its domains.
    if !guest.lease.settings.egress.domains.isEmpty { engine.unserved.insert(guest.network.name) }
    guard let held = try store.lease(for: guest.lease.key), held.isSameClaim(as: guest.lease) else { return }
    try undo(Desired.Guest(network: guest.network, lease: held))
  }

  /// Undoes what the fast path has left to the thorough one, if that fails too.
  func undo(_ key: AttachmentKey) throws(TapestryError) {
    guard let lease = try store.lease(for: key), lease.state != .active,
      let guest = try engine.guests(of: [lease]).first
    else { return }
    try undo(guest)
  }

  /// Releases what the fast path has claimed, without touching the kernel.
  func releaseClaim(_ key: AttachmentKey) throws(TapestryError) {
    guard try store.lease(for: key)?.state == .pending else { return }
    try store.markReleasing([key])
    try store.release([key])
  }

  /// If a VM comes back after its process has ended, it gets the same attachment again. If it requests other settings, what
  /// was left is removed first, and it gets a new one.
  /// - Parameter isPreview: Whether the store will be rolled back, so that nothing is removed from the kernel.
  func claim(
    _ request: LeaseRequest, in network: Identifier, isPreview: Bool = false, _ isFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim {
    let ended = try endedLease(request.key)
    do throws(TapestryError) {
      var claim = try store.claim(request, in: network, isTapNameFree: isFree)
      // No process's end may remove it now.
      if ended != nil, request.process == nil {
        try store.setProcess(nil, of: request.key)
        claim.lease.process = nil
      }
      return claim
    } catch {
      guard error.code == .attachmentConflict, let ended else { throw error }
      if isPreview {
        try store.markReleasing([ended.key])
        try store.release([ended.key])
      } else {
        try releaseEnded([ended])
      }
      return try store.claim(request, in: network, isTapNameFree: isFree)
    }
  }

  private func endedLease(_ key: AttachmentKey) throws(TapestryError) -> Lease? {
    guard let lease = try store.lease(for: key), try engine.garbage(lease)?.isEnded == true else { return nil }
    return lease
  }
}
