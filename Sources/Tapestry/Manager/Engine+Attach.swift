import Linux
import NetTypes

extension Engine {
  package func attach(_ request: AttachRequest) throws(TapestryError) -> Attachment {
    let lease = try validate(request)
    try host.requirePermission()
    try requirePublishable(lease)
    try requireIdle(lease)
    do throws(TapestryError) {
      return try attach(lease, to: request.network)
    } catch {
      // The obstacle may be garbage.
      guard Self.conflicts.contains(error.code), try !collectGarbage().isEmpty else { throw error }
      return try attach(lease, to: request.network)
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
    try lookingAlone { work throws(TapestryError) in
      let (request, name) = (try validate(request), request.network)
      let observed = try work.observed()
      try refuseMismatch(observed)
      try requirePublishable(request)
      try requireIdle(request)
      let network = try network(named: name, observed)
      let claim = try store.preview { () throws(TapestryError) in
        if try store.network(named: name) == nil { try store.insert(network) }
        return try work.claim(request, in: name, isPreview: true) { observed.isFree($0, for: request.key, of: name) }
      }
      let lease = claim.lease
      let guest = Desired.Guest(network: network, lease: lease)
      let plan = Plan.difference(try desired().without([request.key]).including(network).including(guest), observed)
        .concerning(name, only: request.key)
      if let conflict = plan.conflicts.first { throw conflict.error }
      return AttachPreview(attachment: Attachment(lease, in: network), plan: plan.steps.map(\.description))
    }
  }

  /// Ports that the attachment already publishes are not checked.
  private func requirePublishable(_ request: LeaseRequest) throws(TapestryError) {
    let ports = request.settings.published
    guard !ports.isEmpty else { return }
    let held = try store.lease(for: request.key)?.settings.published ?? []
    try host.requirePublishable(ports.filter { !held.contains($0) })
  }

  /// An exclusive attachment must not be in use: a VMM that went into the background may have its TAP open.
  private func requireIdle(_ request: LeaseRequest) throws(TapestryError) {
    guard request.isExclusive, let lease = try store.lease(for: request.key), lease.process != request.process,
      try carrier(of: lease)?.isOn == true
    else { return }
    throw TapestryError(
      .attachmentConflict,
      saying: """
        Attachment \(lease.key) is in use: a process has its TAP \(lease.tapName) open. End that process, or run \
        '\(.detach(lease.key))'.
        """)
  }

  private func validate(_ request: AttachRequest) throws(TapestryError) -> LeaseRequest {
    let key = AttachmentKey(vm: request.vmID, interface: request.interfaceID)
    try request.settings.validate(in: try network(named: request.network))
    let process = try request.pid.map(process)
    return LeaseRequest(
      key: key, address: request.ip, mac: request.mac, settings: request.settings, process: process,
      isExclusive: request.isExclusive)
  }

  // MARK: The fast path

  /// Claims, applies, commits. Asks the kernel nothing.
  /// - Returns: nil if a precondition does not hold: the network does not exist yet, the attachment exists or may be one of
  ///   a pair, or the kernel's answer shows it.
  private func attachFast(_ request: LeaseRequest, to name: Identifier) throws(TapestryError) -> Attachment? {
    var begun: Desired.Guest?
    do throws(TapestryError) {
      return try lock.together { () throws(TapestryError) in
        let made = try store.atomically { () throws(TapestryError) in
          try isSettled() ? try claimIfNetworkExists(request, in: name) : nil
        }
        // An existing attachment may be about to be detached.
        guard let claim = made, claim.isNew else { return nil }
        let guest = Desired.Guest(network: claim.network, lease: claim.lease)
        guard try !mayBePaired([guest]) else { return nil }
        begun = guest
        if let failure = host.apply(.attach(guest), observedAt: nil).first {
          // The claim stays pending: the thorough path takes it up, as any command after a crash would.
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

  /// - Returns: false if somebody has detached it while it was being made: it has to be attached again.
  private func activate(_ key: AttachmentKey) throws(TapestryError) -> Bool {
    do throws(TapestryError) {
      try store.activate([key])
      return true
    } catch {
      guard [.attachmentConflict, .attachmentNotFound].contains(error.code) else { throw error }
      return false
    }
  }

  private func claimIfNetworkExists(_ request: LeaseRequest, in name: Identifier) throws(TapestryError) -> LeaseClaim? {
    do throws(TapestryError) {
      return try store.claim(request, in: name) { _ in true }
    } catch {
      guard error.code == .networkNotFound, name == .default else { throw error }
      return nil
    }
  }

  /// Under the exclusive lock, because somebody may be attaching the same VM again, with the same marks.
  private func undoingFast(_ guest: Desired.Guest, after error: TapestryError) -> TapestryError {
    undoingAlone(error) { work throws(TapestryError) in
      if try store.lease(for: guest.lease.key)?.state != .active { try work.undo(guest) }
      return error
    }
  }

  // MARK: The thorough path

  /// Under the exclusive lock: observes, repairs what the attachment needs, and makes it.
  private func attachThorough(_ request: LeaseRequest, to name: Identifier) throws(TapestryError) -> Attachment {
    let made = try alone { work throws(TapestryError) -> (guest: Desired.Guest, isNew: Bool) in
      if let present = try work.present(request, in: name) { return (present, isNew: false) }
      do throws(TapestryError) { try work.requireOwn() } catch {
        throw error.undoing(request.key, by: work.releaseClaim)
      }
      let isFirst = try store.network(named: name) == nil
      do throws(TapestryError) {
        return try work.attach(request, to: name)
      } catch {
        // A conflict concerns something that somebody else has made or will take up.
        let error = error.code == .attachmentConflict ? error : error.undoing(request.key, by: work.undo)
        throw isFirst ? error.undoing(name, by: work.undoNetwork) : error
      }
    } orUndo: { made, error in
      guard made.isNew else { return error.unfinished }
      return undoingAlone(error) { work throws(TapestryError) in
        try work.undo(active: made.guest)
        return error
      }
    }
    // The process that made it may have undone it meanwhile, because a name server failed.
    let held = try store.lease(for: request.key)
    guard made.isNew || held?.isSameClaim(as: made.guest.lease) == true else {
      return try attachThorough(request, to: name)
    }
    return Attachment(made.guest.lease, in: made.guest.network)
  }
}

extension Lease {
  /// Returns true if nobody has released the lease and claimed it again.
  func isSameClaim(as other: Lease) -> Bool {
    state == other.state && address == other.address && mac == other.mac && tapName == other.tapName
      && process == other.process
  }
}

extension Observed {
  /// Returns true if an attachment may have this TAP name: no link has it, or the attachment's own link does.
  func isFree(_ name: InterfaceName, for key: AttachmentKey, of network: Identifier) -> Bool {
    if let link = links[name.rawValue] { return link.mark == .attachment(network: network, key: key) }
    return !links.values.contains { $0.alternativeNames.contains(name.rawValue) }
  }
}
