import NetTypes

extension Reconciler {
  /// An attachment that is there as the store has it, as far as few requests tell; it is renewed.
  /// - Returns: nil for another. One whose attach or change was cut short, and one that takes more than elements, is looked
  ///   at closely.
  func present(_ request: LeaseRequest, in network: Identifier) throws(TapestryError) -> Desired.Guest? {
    guard let held = try store.lease(for: request.key), held.state == .active, !held.isUnsettled,
      !held.settings.hasChains,
      try engine.garbage(held) == nil
    else { return nil }
    try engine.requireOwnTables()
    let claim = try store.claim(request, in: network) { _ in true }
    let guest = Desired.Guest(network: claim.network, lease: claim.lease)
    guard try host.isInPlace(guest), apply(.attachAgain(guest)).isEmpty else { return nil }
    try host.renew(guest)
    return guest
  }

  /// - Returns: the attachment, and whether it was not one before.
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
      // The fast path claimed it unseen, and it is somebody else's link.
      lease = try store.renameTap(of: request.key, isTapNameFree: isFree)
    }
    var guest = Desired.Guest(network: claim.network, lease: lease)
    let outcome = try converge {
      () throws(TapestryError) in
      try engine.desired().including(guest)
    } select: {
      $0.concerning(name, only: request.key)
    }
    if let error = outcome.errors.first { throw error }
    if !claim.isNew { try host.renew(guest) }
    guard lease.state == .pending else { return (guest, isNew: false) }
    try store.activate([request.key])
    guest.lease.state = .active
    return (guest, isNew: true)
  }

  /// Undoes what a failed attach left, and gives its lease up.
  /// - Returns: the attach's error; where undoing failed, with that one's.
  func undoing(_ guest: Desired.Guest, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      let key = guest.lease.key
      // The kernel first: a lease that cannot be given up now is pending, and will be.
      let failures = apply(.detach([guest]))
      if let second = TapestryError.joining(failures.map(\.error), "Not everything could be undone") { throw second }
      try store.markReleasing([key])
      let remembered = host.forget([guest])
      if let second = TapestryError.joining(remembered, "Not everything could be undone") { throw second }
      try store.release([key])
      // What was made for it alone goes too, and who was to learn of them does for the others again.
      if guest.sharesWithNetwork { try bringUp(guest.network.name) }
      return error
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Undoes an attach that others could see, unless somebody has made it another by now.
  func undoing(active guest: Desired.Guest, after error: TapestryError) -> TapestryError {
    // Others' name server has ended for this, and is to go on without its domains.
    if !guest.lease.settings.egress.domains.isEmpty { engine.unserved.insert(guest.network.name) }
    do throws(TapestryError) {
      guard let held = try store.lease(for: guest.lease.key), held.isSameClaim(as: guest.lease) else { return error }
      return undoing(Desired.Guest(network: guest.network, lease: held), after: error)
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Undoes what the fast path has left for the thorough one, when that fails too.
  func undoing(_ key: AttachmentKey, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      guard let lease = try store.lease(for: key), lease.state != .active,
        let guest = try engine.guests(of: [lease]).first
      else { return error }
      return undoing(guest, after: error)
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Gives up what the fast path has claimed, where the kernel's side is not to be touched.
  func givingUp(_ key: AttachmentKey, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      if try store.lease(for: key)?.state == .pending {
        try store.markReleasing([key])
        try store.release([key])
      }
      return error
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// A VM that comes again after its process ended has what it had; where it asks for something else, it comes anew, and
  /// what was left of it goes first.
  private func claim(
    _ request: LeaseRequest, in network: Identifier, _ isFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim {
    let ended = try endedLease(request.key)
    do throws(TapestryError) {
      var claim = try store.claim(request, in: network, isTapNameFree: isFree)
      // It is nobody's whose end would take it down.
      if ended != nil, request.process == nil {
        try store.setProcess(nil, of: request.key)
        claim.lease.process = nil
      }
      return claim
    } catch {
      guard error.code == .attachmentConflict, let ended else { throw error }
      try giveUpEnded([ended])
      return try store.claim(request, in: network, isTapNameFree: isFree)
    }
  }

  /// What `claim` would give.
  func previewClaim(
    _ request: LeaseRequest, in network: Identifier, _ isFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim {
    let ended = try endedLease(request.key)
    do throws(TapestryError) {
      var claim = try store.claim(request, in: network, isTapNameFree: isFree)
      if ended != nil, request.process == nil { claim.lease.process = nil }
      return claim
    } catch {
      guard error.code == .attachmentConflict, let ended else { throw error }
      try store.markReleasing([ended.key])
      try store.release([ended.key])
      return try store.claim(request, in: network, isTapNameFree: isFree)
    }
  }

  private func endedLease(_ key: AttachmentKey) throws(TapestryError) -> Lease? {
    guard let lease = try store.lease(for: key), try engine.garbage(lease)?.isEnded == true else { return nil }
    return lease
  }
}
