package import Linux
package import NetTypes

extension SQLiteLeaseStore {
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

  package func setProcess(_ process: ProcessIdentity?, of key: AttachmentKey) throws(TapestryError) {
    let count = try database.run(
      .setProcess, key.vm, key.interface, process?.pid, process?.startTimeColumn, process?.namespace)
    guard count > 0 else { throw Self.notFound(key) }
  }

  @discardableResult
  package func update(
    _ keys: [AttachmentKey], _ change: (Lease) throws(TapestryError) -> AttachmentSettings
  ) throws(TapestryError) -> [Lease] {
    try takingDown { () throws(TapestryError) in
      var changed: [Lease] = []
      for key in keys {
        var lease = try existingLease(key)
        let settings = try change(lease)
        if settings.egress != lease.settings.egress { lease.isUnsettled = true }
        lease.settings = settings
        try database.run(.setLeaseSettings, key.vm, key.interface, settings.text, lease.isUnsettled)
        changed.append(lease)
      }
      return changed
    }
  }

  package func settle(_ keys: [AttachmentKey]) throws(TapestryError) {
    try takingDown { () throws(TapestryError) in
      for key in keys { try database.run(.settle, key.vm, key.interface) }
    }
  }

  package func leases(network: Identifier?, vm: Identifier?) throws(TapestryError) -> [Lease] {
    switch (network, vm) {
    case (nil, nil): try database.all(.leases, read: Lease.init)
    case (let network?, nil): try database.all(.leasesOfNetwork, network, read: Lease.init)
    case (nil, let vm?): try database.all(.leasesOfVM, vm, read: Lease.init)
    case (let network?, let vm?): try database.all(.leasesOfNetworkAndVM, network, vm, read: Lease.init)
    }
  }

  package func lease(for key: AttachmentKey) throws(TapestryError) -> Lease? {
    try database.first(.lease, key.vm, key.interface, read: Lease.init)
  }

  package func lease(tapName: InterfaceName) throws(TapestryError) -> Lease? {
    try database.first(.leaseOfTap, tapName, read: Lease.init)
  }

  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func existingLease(_ key: AttachmentKey) throws(TapestryError) -> Lease {
    guard let lease = try lease(for: key) else { throw Self.notFound(key) }
    return lease
  }

  private static func notFound(_ key: AttachmentKey) -> TapestryError {
    TapestryError(.attachmentNotFound, "There is no attachment \(key): list attachments with `tapestry ls`")
  }
}
