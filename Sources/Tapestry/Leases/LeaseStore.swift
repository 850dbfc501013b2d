package import Linux
package import NetTypes

/// The durable claims of attachments: which attachment holds which address, MAC and TAP name, and in which network.
///
/// Two callers, in one process or in several, never hold the same one. Every method is one transaction: it happens
/// completely or not at all, even if the machine crashes.
///
/// A store is not thread-safe: use it inside an actor, for example. Its methods wait for other processes, but not for the
/// network or the kernel's devices.
package protocol LeaseStore: AnyObject {
  /// Runs `body`, returns its result, and rolls back its changes to the store.
  func preview<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value

  /// Reads the whole store and checks its integrity and consistency. Takes time proportional to the store's size.
  /// - Throws: `STATE_CORRUPT`, with the first violation.
  func verify() throws(TapestryError)

  // MARK: Identity

  func identity() throws(TapestryError) -> StateIdentity

  /// Makes a read-only store read the file again: see `SQLiteLeaseStore.init(lookingAt:)`.
  func lookAgain()

  /// Stores the network namespace where kernel objects are created from now on.
  func setNamespace(_ namespace: NetworkNamespace.Identity) throws(TapestryError)

  // MARK: Networks

  /// All networks, by name.
  func networks() throws(TapestryError) -> [Network]

  func network(named name: Identifier) throws(TapestryError) -> Network?

  /// - Throws: `NETWORK_EXISTS` if another network has the name or the bridge's name; `SUBNET_OVERLAP` if one of its
  ///   subnets overlaps another network's; `NOT_OWNED` if the bridge's name is that of an attachment's TAP.
  func insert(_ network: Network) throws(TapestryError)

  /// Removes a network and its reservations.
  /// - Returns: false if there is no network with that name.
  /// - Throws: `NETWORK_IN_USE` while it has leases.
  @discardableResult
  func removeNetwork(named name: Identifier) throws(TapestryError) -> Bool

  /// Whether a network's settings were changed, and the kernel may still have the old ones.
  func isUnsettled(network name: Identifier) throws(TapestryError) -> Bool

  /// Records that the kernel has a network's current settings.
  func settle(network name: Identifier) throws(TapestryError)

  /// Sets a network's settings to the result of `change`. The network is unsettled afterwards; if its egress policy
  /// changes, its leases are too.
  /// - Returns: the changed network.
  /// - Throws: `NETWORK_NOT_FOUND`; the errors of `change`. After an error nothing is changed.
  func update(
    network name: Identifier, _ change: (Network) throws(TapestryError) -> NetworkSettings
  ) throws(TapestryError) -> Network

  /// Whether a policy of a network, or of a lease in any state, allows one of these labels; or may do so in the kernel,
  /// because a lease is unsettled.
  /// - Parameter vm: whose leases' being unsettled does not matter.
  func mayAllow(_ labels: Set<Label>, besides vm: Identifier?) throws(TapestryError) -> Bool

  // MARK: Leases

  /// Claims an address, a MAC and a TAP name for an attachment, or returns its existing claim.
  ///
  /// If the attachment has a lease that does not conflict with the request, the same lease is returned; a `process` in
  /// the request replaces that of the lease. A lease in state `releasing`, because a detach was interrupted or is in
  /// progress, becomes `pending` again and keeps its claims: the caller creates the kernel objects again.
  ///
  /// - Parameter isTapNameFree: returns whether no link of the host has this name. It is called while the store is
  ///   locked, so it must be quick and must not use the store. It is not called for names that are taken in the store.
  /// - Throws: `NETWORK_NOT_FOUND`; `ATTACHMENT_CONFLICT` if the existing lease conflicts with the request;
  ///   `IP_EXHAUSTED`; `ADDRESS_OUT_OF_SUBNET`; `ADDRESS_IN_USE` for an address or a MAC that is taken;
  ///   `PORT_IN_USE` for a host port that another attachment publishes;
  ///   `INVALID_MAC` for a MAC that no interface can have; `TAP_CREATE_FAILED` if no TAP name is free.
  func claim(
    _ request: LeaseRequest, in network: Identifier, isTapNameFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim

  /// Gives a lease another TAP name, if a foreign link turns out to have its name.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; `TAP_CREATE_FAILED` if no TAP name is free.
  func renameTap(
    of key: AttachmentKey, isTapNameFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> Lease

  /// Marks leases as complete: `pending` becomes `active`, `active` stays `active`. All of them, or none.
  /// - Throws: `ATTACHMENT_NOT_FOUND` if one is gone, `ATTACHMENT_CONFLICT` if one is being released: it was detached
  ///   meanwhile.
  func activate(_ keys: [AttachmentKey]) throws(TapestryError)

  /// Marks leases as being removed. Their claims hold until `release`.
  /// - Returns: the leases that exist, after the change, in the order of `keys`.
  @discardableResult
  func markReleasing(_ keys: [AttachmentKey]) throws(TapestryError) -> [Lease]

  /// Deletes leases that `markReleasing` marked. Their addresses go to the end of the reuse queue.
  ///
  /// A lease that is not in state `releasing` stays: it was claimed again meanwhile.
  /// - Returns: the leases that this call deleted, in the order of `keys`.
  @discardableResult
  func release(_ keys: [AttachmentKey]) throws(TapestryError) -> [Lease]

  /// Ties a lease to the lifetime of a process, or unties it with nil.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func setProcess(_ process: ProcessIdentity?, of key: AttachmentKey) throws(TapestryError)

  /// Sets leases' settings to the results of `change`: all of them, or none. Those that change are unsettled afterwards.
  /// - Returns: the changed leases.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; the errors of `change`. After an error nothing is changed.
  @discardableResult
  func update(
    _ keys: [AttachmentKey], _ change: (Lease) throws(TapestryError) -> AttachmentSettings
  ) throws(TapestryError) -> [Lease]

  /// Records that the kernel has leases' current settings, and no connection that their policies do not allow.
  func settle(_ keys: [AttachmentKey]) throws(TapestryError)

  /// Claims additional host ports for an attachment. All of them, or none.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; `PORT_IN_USE` if an attachment already publishes one; `INVALID_PORT`.
  func publish(_ ports: [PublishedPort], to key: AttachmentKey) throws(TapestryError)

  /// Releases host ports. Ports that the attachment does not publish are ignored.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func unpublish(_ ports: [PublishedPort], from key: AttachmentKey) throws(TapestryError)

  /// Leases sorted by VM and interface: of one network, of one VM, of both, or all.
  func leases(network: Identifier?, vm: Identifier?) throws(TapestryError) -> [Lease]

  func lease(for key: AttachmentKey) throws(TapestryError) -> Lease?

  func lease(tapName: InterfaceName) throws(TapestryError) -> Lease?

  /// Inserts a lease unchanged that was made elsewhere: one read from the marks in the kernel.
  ///
  /// Inserting the same lease again changes nothing.
  /// - Throws: `NETWORK_NOT_FOUND`; `ATTACHMENT_CONFLICT` if the attachment has another lease, or another attachment has
  ///   the TAP name; `ADDRESS_OUT_OF_SUBNET`; `ADDRESS_IN_USE` for its address or MAC.
  func adopt(_ lease: Lease) throws(TapestryError)

  /// Inserts networks, and leases as `adopt(_:)` does: all of them, or none. If a store had the networks without their
  /// leases, the guests would be removed as garbage.
  func adopt(_ networks: [Network], _ leases: [Lease]) throws(TapestryError)

  // MARK: Reservations

  /// Reserves the network's next address for a later claim that requests it.
  /// - Parameter process: the process that reserves it. The address can be released when that process is gone.
  /// - Throws: `NETWORK_NOT_FOUND`; `IP_EXHAUSTED`.
  func reserveAddress(in network: Identifier, for process: ProcessIdentity?) throws(TapestryError) -> IPv4Address

  /// Releases a reserved address. It goes to the end of the reuse queue.
  /// - Returns: false if it was not reserved.
  @discardableResult
  func releaseReservation(of address: IPv4Address, in network: Identifier) throws(TapestryError) -> Bool

  /// Reserved addresses that no lease has claimed, sorted by network and address.
  func reservations(network: Identifier?) throws(TapestryError) -> [Reservation]

  // MARK: Sysctls

  /// Stores the value of a sysctl before it is changed. A value that is already stored is kept.
  func rememberSysctl(_ sysctl: Sysctl, value: String) throws(TapestryError)

  /// The stored values, sorted by name.
  func rememberedSysctls() throws(TapestryError) -> [RememberedSysctl]

  /// Deletes the stored values of these sysctls; nil: of all.
  func forgetSysctls(_ sysctls: [Sysctl]?) throws(TapestryError)
}

/// The result of `LeaseStore.claim`.
package struct LeaseClaim: Hashable, Sendable {
  /// The lease, as it is in the store now.
  package var lease: Lease
  /// The network that the lease is in.
  package var network: Network
  /// Whether this claim created the lease; false if the attachment already had it.
  package var isNew: Bool

  /// Creates the result of a claim.
  package init(lease: Lease, network: Network, isNew: Bool) {
    self.lease = lease
    self.network = network
    self.isNew = isNew
  }
}

/// A reserved address of a network that no lease holds yet.
package struct Reservation: Hashable, Sendable {
  /// The network's name.
  package var network: Identifier
  /// The reserved address.
  package var address: IPv4Address
  /// The process that reserved it.
  package var process: ProcessIdentity?

  /// Creates a reservation.
  package init(network: Identifier, address: IPv4Address, process: ProcessIdentity? = nil) {
    self.network = network
    self.address = address
    self.process = process
  }
}

/// The value that a sysctl had before it was changed.
package struct RememberedSysctl: Hashable, Sendable {
  /// The sysctl that was changed.
  package var sysctl: Sysctl
  /// The value to restore, as /proc/sys shows it, without the newline.
  package var value: String

  /// Creates a stored value.
  package init(sysctl: Sysctl, value: String) {
    self.sysctl = sysctl
    self.value = value
  }
}
