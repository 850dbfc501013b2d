import Linux
import NetTypes

extension Engine {
  package func attach(_ request: AttachRequest) throws(TapestryError) -> Attachment {
    let (lease, name) = try validate(request)
    try host.requirePermission()
    try requirePublishable(lease)
    try requireIdle(lease)
    do throws(TapestryError) {
      return try attach(lease, to: name)
    } catch {
      // What is in the way may be held for nobody.
      guard Self.conflicts.contains(error.code), try !collectGarbage().isEmpty else { throw error }
      return try attach(lease, to: name)
    }
  }

  private static let conflicts: Set<TapestryError.Code> = [
    .attachmentConflict, .addressInUse, .ipExhausted, .bridgeFull, .portInUse,
  ]

  private func attach(_ request: LeaseRequest, to name: Identifier) throws(TapestryError) -> Attachment {
    if let attachment = try attachFast(request, to: name) { return attachment }
    return try attachThorough(request, to: name)
  }

  package func previewAttach(_ request: AttachRequest) throws(TapestryError) -> AttachPreview {
    try lock.alone { () throws(TapestryError) in
      let (request, name) = try validate(request)
      let observed = try observe().observed
      try refuseMismatch(observed)
      try requirePublishable(request)
      try requireIdle(request)
      let network = try networkOrDefault(name, observed)
      let claim = try store.preview { () throws(TapestryError) in
        if try store.network(named: name) == nil { try store.insert(network) }
        return try previewClaim(request, in: name) { observed.isFree($0, for: request.key, of: name) }
      }
      let lease = claim.lease
      let guest = Desired.Guest(network: network, lease: lease)
      let plan = Plan.difference(try desired(without: [request.key]).including(network).including(guest), observed)
        .concerning(name, only: request.key)
      if let conflict = plan.conflicts.first { throw conflict.error }
      return AttachPreview(attachment: Attachment(lease, in: network), plan: plan.steps.map(\.description))
    }
  }

  /// What the attachment has already is its own.
  private func requirePublishable(_ request: LeaseRequest) throws(TapestryError) {
    guard !request.published.isEmpty else { return }
    let held = try store.lease(for: request.key)?.published ?? []
    try host.requirePublishable(request.published.filter { !held.contains($0) })
  }

  /// What is to be used alone is not to be in use: a VMM that went into the background may have it.
  private func requireIdle(_ request: LeaseRequest) throws(TapestryError) {
    guard request.isExclusive, let lease = try store.lease(for: request.key), lease.process != request.process,
      try carrier(of: lease)?.isOn == true
    else { return }
    throw TapestryError(
      .attachmentConflict,
      "Attachment \(lease.key) is in use: a process has its TAP \(lease.tapName) open. End that, or take the attachment "
        + "down with 'tapestry detach \(lease.key.vm) --interface \(lease.key.interface)'.")
  }

  private func validate(_ request: AttachRequest) throws(TapestryError) -> (LeaseRequest, Identifier) {
    let key = AttachmentKey(
      vm: try Identifier(validating: request.vmID, field: "VM id"),
      interface: try Identifier(validating: request.interfaceID, field: "interface id"))
    if !request.egress.isEmpty { try request.egress.validate(in: try network(named: request.network)) }
    try request.published.validate()
    try request.rateLimit?.validate()
    try request.maxConnections?.validate()
    let process = try request.pid.map(process)
    return (
      LeaseRequest(
        key: key, address: request.ip, mac: request.mac, owner: request.owner, process: process,
        egress: request.egress, published: request.published,
        rateLimit: request.rateLimit, maxConnections: request.maxConnections, isExclusive: request.isExclusive),
      try Identifier(validating: request.network, field: "network name")
    )
  }

  private func networkOrDefault(_ name: Identifier, _ observed: Observed) throws(TapestryError) -> Network {
    if let network = try store.network(named: name) { return network }
    guard name == .default else { throw .networkNotFound(name) }
    return defaultNetwork(observed)
  }

  // MARK: The fast path

  /// Claims, acts, commits; asks the kernel nothing.
  /// - Returns: nil when the world is not as it takes for granted: no such network yet, the attachment exists, or the
  ///   kernel said so.
  private func attachFast(_ request: LeaseRequest, to name: Identifier) throws(TapestryError) -> Attachment? {
    var begun: Desired.Guest?
    do throws(TapestryError) {
      return try lock.together { () throws(TapestryError) in
        guard try isSettled() else { return nil }
        guard let claim = try claimIfNetworkExists(request, in: name), claim.isNew else { return nil }
        let guest = Desired.Guest(network: claim.network, lease: claim.lease)
        begun = guest
        if let failure = host.apply(.attach(guest), observedAt: nil).first {
          // The claim stays pending: the thorough way takes it up, and so would whoever comes after a crash.
          if failure.kind != .refused { return nil }
          throw failure.error
        }
        guard try activate(request.key) else { return nil }
        return Attachment(claim.lease, in: claim.network)
      }
    } catch {
      guard let begun else { throw error }
      throw undoingFast(begun, after: error)
    }
  }

  /// - Returns: false when somebody has detached it while it was being made: it is to be attached after that.
  private func activate(_ key: AttachmentKey) throws(TapestryError) -> Bool {
    do throws(TapestryError) {
      try store.activate([key])
      return true
    } catch {
      guard [.attachmentConflict, .attachmentNotFound].contains(error.code) else { throw error }
      return false
    }
  }

  private func claimIfNetworkExists(
    _ request: LeaseRequest, in name: Identifier
  ) throws(TapestryError) -> LeaseClaim? {
    do throws(TapestryError) {
      return try store.claim(request, in: name) { _ in true }
    } catch {
      guard error.code == .networkNotFound, name == .default else { throw error }
      return nil
    }
  }

  /// Alone, because somebody may be attaching the same VM anew, who has the same marks.
  private func undoingFast(_ guest: Desired.Guest, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      return try lock.alone { () throws(TapestryError) in
        if let held = try store.lease(for: guest.lease.key), held.state == .active { return error }
        return undoing(guest, after: error)
      }
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Undoes what a failed attach left, and gives its lease up.
  /// - Returns: the attach's error; where undoing failed, with that one's.
  private func undoing(_ guest: Desired.Guest, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      let key = guest.lease.key
      // The kernel first: a lease that cannot be given up now is pending, and will be.
      let failures = host.apply(.detach([guest]), observedAt: nil)
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
  private func undoing(active guest: Desired.Guest, after error: TapestryError) -> TapestryError {
    // Others' name server may have ended for this.
    unserved.insert(guest.network.name)
    do throws(TapestryError) {
      guard let held = try store.lease(for: guest.lease.key), held.isSameClaim(as: guest.lease) else { return error }
      return undoing(Desired.Guest(network: guest.network, lease: held), after: error)
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Undoes what the fast path has left for the thorough one, when that fails too.
  private func undoing(_ key: AttachmentKey, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      guard let lease = try store.lease(for: key), lease.state != .active,
        let guest = try guests(of: [lease]).first
      else { return error }
      return undoing(guest, after: error)
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Gives up what the fast path has claimed, where the kernel's side is not to be touched.
  private func givingUp(_ key: AttachmentKey, after error: TapestryError) -> TapestryError {
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

  // MARK: The thorough path

  /// Observes, mends what the attachment needs, and makes it; alone.
  private func attachThorough(_ request: LeaseRequest, to name: Identifier) throws(TapestryError) -> Attachment {
    let made = try alone { () throws(TapestryError) in
      do throws(TapestryError) { try requireOwn(try observe().observed) } catch {
        throw givingUp(request.key, after: error)
      }
      let isFirst = try store.network(named: name) == nil
      do throws(TapestryError) {
        return try attachAlone(request, to: name)
      } catch {
        // A conflict is with what somebody else has made, or will take up.
        let error = error.code == .attachmentConflict ? error : undoing(request.key, after: error)
        throw isFirst ? undoingNetwork(name, after: error) : error
      }
    } orUndo: { made, error in
      guard made.isNew else { return error.unfinished }
      return undoingAlone(error) { undoing(active: made.guest, after: error) }
    }
    // Whoever made it may have taken it back meanwhile, for want of a name server.
    let held = try store.lease(for: request.key)
    guard made.isNew || held?.isSameClaim(as: made.guest.lease) == true else {
      return try attachThorough(request, to: name)
    }
    return Attachment(made.guest.lease, in: made.guest.network)
  }

  /// - Returns: the attachment, and whether it was not one before.
  private func attachAlone(
    _ request: LeaseRequest, to name: Identifier
  ) throws(TapestryError) -> (guest: Desired.Guest, isNew: Bool) {
    if try store.network(named: name) == nil {
      guard name == .default else { throw .networkNotFound(name) }
      try establishDefaultNetwork()
    }
    let observed = try observe().observed
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
      try desired().including(guest)
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
}

extension Engine {
  /// A VM that comes again after its process ended has what it had; where it asks for something else, it comes anew, and
  /// what was left of it goes first.
  private func claim(
    _ request: LeaseRequest, in network: Identifier, _ isFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim {
    let ended = try store.lease(for: request.key).flatMap { lease throws(TapestryError) in
      try garbage(lease)?.isEnded == true ? lease : nil
    }
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
  private func previewClaim(
    _ request: LeaseRequest, in network: Identifier, _ isFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim {
    let lease = try store.lease(for: request.key)
    do throws(TapestryError) { return try store.claim(request, in: network, isTapNameFree: isFree) } catch {
      guard error.code == .attachmentConflict, let lease, try garbage(lease)?.isEnded == true else { throw error }
      try store.markReleasing([lease.key])
      try store.release([lease.key])
      return try store.claim(request, in: network, isTapNameFree: isFree)
    }
  }
}

extension Lease {
  /// Whether nobody has given it up and claimed it again.
  fileprivate func isSameClaim(as other: Lease) -> Bool {
    state == other.state && address == other.address && mac == other.mac && tapName == other.tapName
      && process == other.process
  }
}

extension Observed {
  /// Whether an attachment may have this TAP name: no link has it, or a link that is the attachment's already.
  fileprivate func isFree(_ name: InterfaceName, for key: AttachmentKey, of network: Identifier) -> Bool {
    if let link = links[name.rawValue] { return link.mark == .attachment(network: network, key: key) }
    return !links.values.contains { $0.alternativeNames.contains(name.rawValue) }
  }
}
