import Linux
package import NetTypes
import SQLite

/// The result of `SQLiteLeaseStore.claim`.
package struct LeaseClaim: Hashable, Sendable {
  /// The lease, as it is in the store now.
  package var lease: Lease
  /// The network that the lease is in.
  package var network: Network
  /// Whether this claim created the lease; false if the attachment already had it.
  package var isNew: Bool
}

extension SQLiteLeaseStore {
  /// Claims an address, a MAC and a TAP name for an attachment, or returns its existing claim.
  ///
  /// If the attachment has a lease that does not conflict with the request, the same lease is returned; a `process` in
  /// the request replaces that of the lease. A lease in state `releasing`, because a detach was interrupted or is in
  /// progress, becomes `pending` again and keeps its claims: the caller creates the kernel objects again.
  ///
  /// - Parameter isTapNameFree: returns whether no link of the host has this name. It is called while the store is
  ///   locked, so it must be quick and must not use the store. It is not called for names that are taken in the store.
  ///   Without it the kernel is not asked: creating the TAP fails if its name is not free.
  /// - Throws: `NETWORK_NOT_FOUND`; `ATTACHMENT_CONFLICT` if the existing lease conflicts with the request;
  ///   `IP_EXHAUSTED`; `ADDRESS_OUT_OF_SUBNET`; `ADDRESS_IN_USE` for an address or a MAC that is taken;
  ///   `PORT_IN_USE` for a host port that another attachment publishes;
  ///   `INVALID_MAC` for a MAC that no interface can have; `TAP_CREATE_FAILED` if no TAP name is free.
  package func claim(
    _ request: LeaseRequest, in network: Identifier, isTapNameFree: (InterfaceName) -> Bool = { _ in true }
  ) throws(TapestryError) -> LeaseClaim {
    try database.transaction { () throws(TapestryError) in
      let preferred = Self.tapName(for: request.key, salt: 0)
      let isPreferredFree = preferred.map(isTapNameFree) ?? false
      if let preferred, isPreferredFree, let claim = try claimIfFree(request, in: network, preferred) { return claim }
      if let held = try lease(for: request.key) { return try claimAgain(held, request, in: network) }
      let row = try existingNetwork(network)
      let request = try row.network.ownMAC(request)
      let lease = Lease(
        key: request.key, network: network, address: try takeAddress(request.address, in: row),
        mac: try chooseMAC(request.mac, for: request.key, in: row.network),
        tapName: try chooseTapName(for: request.key) {
          $0 == preferred ? isPreferredFree : isTapNameFree($0)
        }, settings: request.settings, process: request.process)
      try insertRow(lease)
      return LeaseClaim(lease: lease, network: row.network, isNew: true)
    }
  }

  /// Claims the next address, the first-choice MAC and the first-choice TAP name for a new attachment, if all of them are
  /// free: one statement checks and claims. Requests for a specific address or MAC take the slow path.
  /// - Returns: nil if something is not free, or the attachment exists.
  private func claimIfFree(
    _ request: LeaseRequest, in network: Identifier, _ tapName: InterfaceName
  ) throws(TapestryError) -> LeaseClaim? {
    guard request.address == nil, request.mac == nil, let row = try networkRow(network),
      row.nextAddress <= row.network.subnet.lastGuest
    else { return nil }
    let mac = Identity.mac(for: request.key, salt: 0)
    guard mac != row.network.bridgeMAC else { return nil }
    let lease = Lease(
      key: request.key, network: network, address: row.nextAddress, mac: mac, tapName: tapName,
      settings: request.settings, process: request.process)
    guard try insertRow(lease, .insertLeaseIfFree) else { return nil }
    try setNextAddress(after: lease.address, in: network)
    return LeaseClaim(lease: lease, network: row.network, isNew: true)
  }

  /// Gives a lease another TAP name, if a foreign link turns out to have its name.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; `TAP_CREATE_FAILED` if no TAP name is free.
  package func renameTap(of key: AttachmentKey, isTapNameFree: (InterfaceName) -> Bool) throws(TapestryError) -> Lease {
    try database.transaction { () throws(TapestryError) in
      var lease = try existingLease(key)
      // Its current name is not chosen again: this lease holds it.
      lease.tapName = try chooseTapName(for: key, isFree: isTapNameFree)
      try database.run(.setTapName, key.vm, key.interface, lease.tapName)
      return lease
    }
  }

  /// Inserts a lease unchanged that was made elsewhere: one read from the marks in the kernel.
  ///
  /// Inserting the same lease again changes nothing.
  /// - Throws: `NETWORK_NOT_FOUND`; `ATTACHMENT_CONFLICT` if the attachment has another lease, or another attachment has
  ///   the TAP name; `ADDRESS_OUT_OF_SUBNET`; `ADDRESS_IN_USE` for its address or MAC.
  package func adopt(_ lease: Lease) throws(TapestryError) {
    try database.transaction { () throws(TapestryError) in
      if let held = try self.lease(for: lease.key) {
        guard held == lease else {
          throw TapestryError(
            .attachmentConflict,
            "Attachment \(lease.key) already has another lease: \(held.address) in network '\(held.network)'")
        }
        return
      }
      let row = try existingNetwork(lease.network)
      if let other = try self.lease(tapName: lease.tapName) {
        throw TapestryError(.attachmentConflict, "TAP \(lease.tapName) belongs to \(other.key)")
      }
      _ = try takeAddress(lease.address, in: row)
      var lease = lease
      lease.mac = try chooseMAC(row.network.snapshot == nil ? lease.mac : nil, for: lease.key, in: row.network)
      try insertRow(lease)
    }
  }

  /// Inserts networks and their leases in one transaction: all of them, or none. If a store had the networks without
  /// their leases, the guests would be removed as garbage.
  /// - Throws: `NETWORK_EXISTS`, `SUBNET_OVERLAP`, `NOT_OWNED`; the errors of `adopt(_:)`.
  package func adopt(_ networks: [Network], _ leases: [Lease]) throws(TapestryError) {
    try database.transaction(durable: true) { () throws(TapestryError) in
      for network in networks { try insert(network) }
      for lease in leases { try adopt(lease) }
    }
  }

  /// - Returns: whether the row was inserted.
  @discardableResult
  private func insertRow(_ lease: Lease, _ query: Query = .insertLease) throws(TapestryError) -> Bool {
    let count = try database.run(
      query, lease.key.vm, lease.key.interface, lease.network, lease.address, lease.mac, lease.tapName,
      lease.process?.pid, lease.process?.startTime, lease.process?.namespace, lease.state, lease.settings.text)
    guard count > 0 else { return false }
    try keepRoom()
    try publish(lease.settings.published, to: lease.key)
    return true
  }

  // MARK: Existing leases

  private func claimAgain(
    _ held: Lease, _ request: LeaseRequest, in network: Identifier
  ) throws(TapestryError) -> LeaseClaim {
    let row = try existingNetwork(held.network)
    try Self.check(held, against: try row.network.ownMAC(request), in: network)
    var lease = held
    if let process = request.process, process != held.process {
      try setProcess(process, of: held.key)
      lease.process = process
    }
    if held.state == .releasing {
      lease.state = .pending
      try database.run(.setState, held.key.vm, held.key.interface, lease.state)
    }
    return LeaseClaim(lease: lease, network: row.network, isNew: false)
  }

  private static func check(
    _ held: Lease, against request: LeaseRequest, in network: Identifier
  ) throws(TapestryError) {
    var differences: [TapestryError.Message] = []
    if network != held.network {
      differences.append("is in network '\(held.network)', not '\(network)'")
    }
    if let address = request.address, address != held.address {
      differences.append("has address \(held.address), not \(address)")
    }
    if let mac = request.mac, mac != held.mac {
      differences.append("has MAC \(held.mac), not \(mac)")
    }
    differences += held.differences(from: request.settings)
    if request.isExclusive, let holder = held.process, holder != request.process, holder.isAlive {
      differences.append("is held by process \(holder.pid), which is running")
    }
    guard !differences.isEmpty else { return }
    throw TapestryError(
      .attachmentConflict,
      saying: """
        Attachment \(held.key) already exists, and \(differences, separator: "; it "). To attach it differently, \
        detach it first: `\(.detach(held.key))`
        """)
  }
}

extension Lease {
  /// Describes how the lease's settings differ from those of an attach. Settings that the attach omits are not compared.
  fileprivate func differences(from request: AttachmentSettings) -> [TapestryError.Message] {
    var differences: [TapestryError.Message] = []
    for field in AttachmentSettings.fields {
      let (name, held) = (field.nameInWords, field.text(settings))
      guard let wanted = field.text(request), held != wanted else { continue }
      let change: TapestryError.Message = field.isPolicy ? " (`\(.update(vmID: key.vm))` changes it)" : ""
      differences.append("has \(held.map { "\(name) '\($0)'" } ?? "no \(name)"), not '\(wanted)'\(change)")
    }
    if !request.published.isEmpty, request.published != settings.published {
      differences.append("publishes other ports than requested (`\(.publish)` and `\(.unpublish)` change them)")
    }
    return differences
  }
}

extension Network {
  /// Checks and removes a requested MAC in mode `clone`, where guests have the snapshot's MAC. Their leases still have
  /// MACs of their own, so that a lease's identity does not depend on the mode.
  fileprivate func ownMAC(_ request: LeaseRequest) throws(TapestryError) -> LeaseRequest {
    guard let snapshot, let mac = request.mac else { return request }
    guard mac == snapshot.mac else {
      throw TapestryError(
        .invalidMAC, "Invalid MAC address '\(mac)': every guest of clone network '\(name)' has \(snapshot.mac)")
    }
    var request = request
    request.mac = nil
    return request
  }
}
