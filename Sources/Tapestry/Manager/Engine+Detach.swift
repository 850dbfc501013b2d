package import Linux
import NetTypes

extension Engine {
  package func detach(vmID: Identifier, interfaceID: Identifier?) throws(TapestryError) -> [Attachment] {
    try detach { () throws(TapestryError) in
      let leases = try store.leases(network: nil, vm: vmID)
        .filter { interfaceID == nil || $0.key.interface == interfaceID }
      guard !leases.isEmpty else { throw .attachmentNotFound(vmID, interfaceID) }
      return leases
    }
  }

  /// Detaches an interface that this process still holds. If somebody has detached it meanwhile, or attached it again, it
  /// is left alone.
  package func detach(
    vmID: Identifier, interfaceID: Identifier, heldBy process: ProcessIdentity
  ) throws(TapestryError) {
    let key = AttachmentKey(vm: vmID, interface: interfaceID)
    do throws(TapestryError) {
      try host.requirePermission()
      // Under the exclusive lock, so that it is still the same attachment when it is removed.
      try alone { work throws(TapestryError) in
        try requireOwnTables()
        _ = try detachNow([try store.lease(for: key)].compactMap(\.self).filter { $0.process == process }, work)
      }
    } catch {
      // The process that holds it is about to end.
      throw error.leavingRest
    }
  }

  /// - Parameter isChosen: which of them, by their settings.
  package func detachAll(
    network name: Identifier?, where isChosen: (AttachmentSettings) -> Bool = { _ in true }
  ) throws(TapestryError) -> [Attachment] {
    if let name { _ = try network(named: name) }
    return try detach { () throws(TapestryError) in
      try store.leases(network: name, vm: nil).filter { isChosen($0.settings) }
    }
  }

  func detach(tapName text: String) throws(TapestryError) {
    let name = try Validation.interfaceName(text, field: "tapName")
    _ = try detach { () throws(TapestryError) in try store.lease(tapName: name).map { [$0] } ?? [] }
  }

  /// Removes elements, then links, then releases leases; each for all attachments at once. (A single link may go first.)
  /// That takes the exclusive lock only if the kernel has to be observed.
  private func detach(_ select: () throws(TapestryError) -> [Lease]) throws(TapestryError) -> [Attachment] {
    try host.requirePermission()
    let gone = try lock.together { () throws(TapestryError) -> [Attachment]? in
      try requireOwnTables()
      let leases = try select()
      return try needObservation(guests(of: leases)) ? nil : try detachNow(leases)
    }
    if let gone { return gone }
    return try alone { work throws(TapestryError) in
      try requireOwnTables()
      return try detachNow(try select(), work)
    }
  }

  /// - Parameter work: nil if no observation is needed.
  private func detachNow(_ leases: [Lease], _ work: Reconciler? = nil) throws(TapestryError) -> [Attachment] {
    let leases = try store.markReleasing(leases.map(\.key))
    guard !leases.isEmpty else { return [] }
    do throws(TapestryError) { return try unplug(leases, work) } catch { throw error.leavingRest }
  }

  private func unplug(_ leases: [Lease], _ work: Reconciler?) throws(TapestryError) -> [Attachment] {
    let guests = try guests(of: leases)
    // nf_tables frees removed elements after an RCU grace period. If that begins just before a link is deleted, the
    // deletion waits for the next grace period. But a process that ends during a grace period waits for it.
    let linksFirst = isLongLived && guests.count == 1
    var errors: [TapestryError] = []
    var areStopped = false
    if let work {
      do throws(TapestryError) { areStopped = try work.removeObserved(of: guests) } catch { errors.append(error) }
    }
    // What could not be removed would be the next guest's at the same address.
    let mayRelease = errors.isEmpty
    let plan = Plan.detach(guests, areStopped: areStopped, linksFirst: linksFirst)
    let failures = if let work { work.apply(plan) } else { host.apply(plan, observedAt: nil) }
    let outcome = Outcome(plan: plan, failures: failures)
    errors += outcome.errors
    do throws(TapestryError) {
      if mayRelease { errors += try release(leases, after: outcome) }
    } catch {
      errors.append(error)
    }
    if let error = TapestryError.joining(errors, "Not everything could be detached") { throw error }
    return guests.map { Attachment($0.lease, in: $0.network) }
  }

  /// Releases leases whose links, elements, neighbour entries and conntrack entries are gone. The others stay `releasing`.
  /// - Returns: why they stay, apart from the outcome's failures.
  func release(_ leases: [Lease], after outcome: Outcome) throws(TapestryError) -> [TapestryError] {
    let failed = Set(outcome.failures.compactMap(\.item.key))
    let gone = leases.filter { !failed.contains($0.key) }
    guard !outcome.isCutShort, !gone.isEmpty else { return [] }
    let errors = host.forget(try guests(of: gone))
    if errors.isEmpty { try store.release(gone.map(\.key)) }
    return errors
  }

  // MARK: Reading

  package func attachments(network name: Identifier?) throws(TapestryError) -> [Attachment] {
    if let name { _ = try network(named: name) }
    return try attachments(of: store.leases(network: name, vm: nil))
  }

  package func attachments(vmID: Identifier) throws(TapestryError) -> [Attachment] {
    let found = try attachments(of: store.leases(network: nil, vm: vmID))
    guard !found.isEmpty else { throw .attachmentNotFound(vmID) }
    return found
  }

  private func attachments(of leases: [Lease]) throws(TapestryError) -> [Attachment] {
    try guests(of: leases.filter { $0.state == .active })
      .map { Attachment($0.lease, in: $0.network, endedPID: endedProcess(of: $0.lease)) }
      .sorted { ($0.network, $0.address) < ($1.network, $1.address) }
  }

  package func setProcess(
    vmID: Identifier, interfaceID: Identifier, pid: Int32
  ) throws(TapestryError) -> ProcessIdentity {
    let process = try process(pid)
    try store.setProcess(process, of: AttachmentKey(vm: vmID, interface: interfaceID))
    return process
  }

  /// - Throws: `INVALID_PROCESS`, `KERNEL_REFUSED`.
  func process(_ pid: Int32) throws(TapestryError) -> ProcessIdentity {
    if let process = try find(pid) { return process }
    throw TapestryError(
      .invalidProcess, saying: "There is no process \(pid). Name the VMM's process with \(.set(.pid)).")
  }

  /// - Returns: nil if there is no such process.
  func find(_ pid: Int32) throws(TapestryError) -> ProcessIdentity? {
    do throws(KernelError) { return try ProcessIdentity(running: pid) } catch { throw .unknownProcess(pid, error) }
  }

  // MARK: Reservations

  func reserveAddress() throws(TapestryError) -> IPv4Address {
    if try store.network(named: .default) == nil { try ensureDefaultNetwork() }
    return try store.reserveAddress(in: .default, for: nil)
  }

  func releaseReservation(_ address: IPv4Address) throws(TapestryError) {
    try store.releaseReservation(of: address, in: .default)
  }
}

extension Desired.Guest {
  /// Returns true if it is reached from 127.0.0.0/8 through its network's bridge.
  var reachesLoopbackByBridge: Bool { network.mode == .bridge && lease.settings.isReachedFromLoopback }
}

extension TapestryError {
  static func attachmentNotFound(_ vm: Identifier, _ interface: Identifier? = nil) -> TapestryError {
    let what = interface.map { "\(vm)/\($0)" } ?? "\(vm)"
    return TapestryError(.attachmentNotFound, saying: "'\(what)' is not attached. See '\(.listAttachments)'.")
  }
}
