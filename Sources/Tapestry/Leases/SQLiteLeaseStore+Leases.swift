package import Linux
package import NetTypes
import SQLite

extension SQLiteLeaseStore {
  /// Marks a lease as complete: see `activate(_:)` for several.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_CONFLICT`.
  package func activate(_ key: AttachmentKey) throws(TapestryError) { try activate([key]) }

  /// Marks leases as complete: `pending` becomes `active`, `active` stays `active`. All of them, or none.
  /// - Throws: `ATTACHMENT_NOT_FOUND` if one is gone, `ATTACHMENT_CONFLICT` if one is being released: it was detached
  ///   meanwhile.
  package func activate(_ keys: [AttachmentKey]) throws(TapestryError) {
    // The usual case, an attach: a single statement is its own transaction.
    if keys.count == 1, try activatePending(keys[0]) { return }
    try database.transaction { () throws(TapestryError) in
      for key in keys where try !activatePending(key) {
        guard try existingLease(key).state != .releasing else {
          throw TapestryError(.attachmentConflict, "Attachment \(key) was detached while it was being created")
        }
      }
    }
  }

  /// - Returns: false if there is no such lease, or it is not pending.
  private func activatePending(_ key: AttachmentKey) throws(TapestryError) -> Bool {
    try database.run(.activatePending, key.vm, key.interface) > 0
  }

  /// Marks a lease as being removed: see `markReleasing(_:)` for several.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func markReleasing(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try markReleasing([key]).first }

  /// Marks leases as being removed. Their claims hold until `release`.
  /// - Returns: the leases that exist, after the change, in the order of `keys`.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func markReleasing(_ keys: [AttachmentKey]) throws(TapestryError) -> [Lease] {
    try takingDown { () throws(TapestryError) in
      var marked: [Lease] = []
      for key in keys {
        guard var lease = try lease(for: key) else { continue }
        if lease.state != .releasing {
          lease.state = .releasing
          try database.run(.setState, key.vm, key.interface, lease.state)
        }
        marked.append(lease)
      }
      return marked
    }
  }

  /// Deletes a lease that is being removed: see `release(_:)` for several.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func release(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try release([key]).first }

  /// Deletes leases that `markReleasing` marked. Their addresses go to the end of the reuse queue.
  ///
  /// A lease that is not in state `releasing` stays: it was claimed again meanwhile.
  /// - Returns: the leases that this call deleted, in the order of `keys`.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func release(_ keys: [AttachmentKey]) throws(TapestryError) -> [Lease] {
    try takingDown { () throws(TapestryError) in
      var ended: [Lease] = []
      for key in keys {
        guard let lease = try database.first(.deleteReleasing, key.vm, key.interface, read: Lease.init) else {
          continue
        }
        try database.run(.coolDown, lease.network, lease.address)
        ended.append(lease)
      }
      return ended
    }
  }

  /// Ties a lease to the lifetime of a process, or unties it with nil.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  package func setProcess(_ process: ProcessIdentity?, of key: AttachmentKey) throws(TapestryError) {
    let count = try database.run(
      .setProcess, key.vm, key.interface, process?.pid, process?.startTime, process?.namespace)
    guard count > 0 else { throw Self.notFound(key) }
  }

  /// Sets leases' settings to the results of `change`: all of them, or none. Those that change are unsettled afterwards.
  /// - Returns: the changed leases.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; the errors of `change`. After an error nothing is changed.
  @discardableResult
  package func update(
    _ keys: [AttachmentKey], _ change: (Lease) throws(TapestryError) -> AttachmentSettings
  ) throws(TapestryError) -> [Lease] {
    try takingDown { () throws(TapestryError) in
      var changed: [Lease] = []
      for key in keys {
        var lease = try existingLease(key)
        let settings = try change(lease)
        if settings.egress != lease.settings.egress {
          lease.unsettled = .policy
        } else if settings != lease.settings, !lease.isUnsettled {
          lease.unsettled = .other
        }
        lease.settings = settings
        try database.run(.setLeaseSettings, key.vm, key.interface, settings.text, lease.unsettled)
        changed.append(lease)
      }
      return changed
    }
  }

  /// Records that the kernel has leases' current settings, and no connection that their policies do not allow.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func settle(_ keys: [AttachmentKey]) throws(TapestryError) {
    try takingDown { () throws(TapestryError) in
      for key in keys { try database.run(.settle, key.vm, key.interface) }
    }
  }

  /// Leases sorted by VM and interface: of one network, of one VM, of both, or all.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func leases(network: Identifier? = nil, vm: Identifier? = nil) throws(TapestryError) -> [Lease] {
    switch (network, vm) {
    case (nil, nil): try database.all(.leases, read: Lease.init)
    case (let network?, nil): try database.all(.leasesOfNetwork, network, read: Lease.init)
    case (nil, let vm?): try database.all(.leasesOfVM, vm, read: Lease.init)
    case (let network?, let vm?): try database.all(.leasesOfNetworkAndVM, network, vm, read: Lease.init)
    }
  }

  /// The lease of an attachment; nil if it has none.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func lease(for key: AttachmentKey) throws(TapestryError) -> Lease? {
    try database.first(.lease, key.vm, key.interface, read: Lease.init)
  }

  /// The lease with this TAP name; nil if there is none.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func lease(tapName: InterfaceName) throws(TapestryError) -> Lease? {
    try database.first(.leaseOfTap, tapName, read: Lease.init)
  }

  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func existingLease(_ key: AttachmentKey) throws(TapestryError) -> Lease {
    guard let lease = try lease(for: key) else { throw Self.notFound(key) }
    return lease
  }

  private static func notFound(_ key: AttachmentKey) -> TapestryError {
    TapestryError(
      .attachmentNotFound, saying: "There is no attachment \(key): list attachments with `\(.listAttachments)`")
  }
}
