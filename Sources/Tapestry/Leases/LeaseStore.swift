public import Linux
public import NetTypes

/// The durable claims of attachments: who holds which address, MAC and TAP name, and in which network.
///
/// Two callers, in one process or in many, never hold the same one. Every method is one transaction: whatever happens
/// in it, a crash of the machine included, it has happened wholly or not at all.
///
/// A store is used from one place at a time, such as inside an actor. Its methods wait for other processes, not for
/// the network or the kernel's devices.
public protocol LeaseStore: AnyObject {
  /// Runs `body`, gives its result, and undoes all that it did to the store: for what would be.
  func preview<Value>(_ body: () throws(TapestryError) -> Value) throws(TapestryError) -> Value

  /// Reads all there is and checks that it is whole and agrees with itself. It takes time in proportion to it.
  /// - Throws: `STATE_CORRUPT`, saying what does not hold.
  func verify() throws(TapestryError)

  // MARK: Identity

  func identity() throws(TapestryError) -> StateIdentity

  /// Notes where the kernel's side is made from now on.
  /// Has who only looks see what the file says by now: see `SQLiteLeaseStore.init(lookingAt:)`.
  func lookAgain()

  func setNamespace(_ namespace: NetworkNamespace.Identity) throws(TapestryError)

  // MARK: Networks

  /// All networks, by name.
  func networks() throws(TapestryError) -> [Network]

  func network(named name: Identifier) throws(TapestryError) -> Network?

  /// - Throws: `NETWORK_EXISTS` when the name, or the bridge's, is another network's; `SUBNET_OVERLAP` when another
  ///   network has addresses of one of its subnets; `NOT_OWNED` when the bridge's name is that of an attachment's TAP.
  func insert(_ network: Network) throws(TapestryError)

  /// Removes a network and its reservations.
  /// - Returns: false when there was none of that name.
  /// - Throws: `NETWORK_IN_USE` while it has leases.
  @discardableResult
  func removeNetwork(named name: Identifier) throws(TapestryError) -> Bool

  /// Whether a network's settings were changed, and the kernel may still have those before.
  func isUnsettled(network name: Identifier) throws(TapestryError) -> Bool

  /// Takes down that the kernel has a network's settings.
  func settle(network name: Identifier) throws(TapestryError)

  /// Gives a network the settings that `change` makes of what it is. It is unsettled then; where it has another egress
  /// policy, its leases are too.
  /// - Returns: the network as it is then.
  /// - Throws: `NETWORK_NOT_FOUND`; what `change` throws, and nothing is changed.
  func update(
    network name: Identifier, _ change: (Network) throws(TapestryError) -> NetworkSettings
  ) throws(TapestryError) -> Network

  // MARK: Leases

  /// Claims an address, a MAC and a TAP name for an attachment, or finds the claim that it already has.
  ///
  /// An attachment that holds a lease gets the same one back, if it asks for nothing else than it holds; a `process`
  /// that it asks for replaces the one held. A lease that was being released, because a detach was interrupted or is
  /// under way, becomes `pending` again and keeps what it holds: the caller makes the kernel's side anew.
  ///
  /// - Parameter isTapNameFree: whether no link of the host has this name. It is asked while the store is locked: it
  ///   must be quick, and not use the store. Names that the store itself knows of are not asked for.
  /// - Throws: `NETWORK_NOT_FOUND`; `ATTACHMENT_CONFLICT` when the attachment holds something else than it asks for;
  ///   `IP_EXHAUSTED`; `ADDRESS_OUT_OF_SUBNET`; `ADDRESS_IN_USE` for an address or a MAC that somebody holds;
  ///   `PORT_IN_USE` for a port of the host that another attachment has;
  ///   `INVALID_MAC` for one that no interface can have; `TAP_CREATE_FAILED` when no TAP name is free.
  func claim(
    _ request: LeaseRequest, in network: Identifier, isTapNameFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> LeaseClaim

  /// Gives a lease another TAP name, for when the one it has turns out to be a foreign link's.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; `TAP_CREATE_FAILED` when no TAP name is free.
  func renameTap(
    of key: AttachmentKey, isTapNameFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> Lease

  /// Marks leases as made: `pending` becomes `active`, and what is `active` stays so. All of them, or none.
  /// - Throws: `ATTACHMENT_NOT_FOUND` when one is gone, `ATTACHMENT_CONFLICT` when one is being released: somebody
  ///   detached it meanwhile.
  func activate(_ keys: [AttachmentKey]) throws(TapestryError)

  /// Marks leases as being taken down: their claims hold until `release`.
  /// - Returns: those that there are, as they now are, in the order of `keys`.
  @discardableResult
  func markReleasing(_ keys: [AttachmentKey]) throws(TapestryError) -> [Lease]

  /// Ends leases that `markReleasing` marked; their addresses go to the back of the queue for reuse.
  ///
  /// A lease that is not, or no longer, being released stays: it was claimed again meanwhile.
  /// - Returns: those that this call ended, in the order of `keys`.
  @discardableResult
  func release(_ keys: [AttachmentKey]) throws(TapestryError) -> [Lease]

  /// Ties a lease to the life of a process, or unties it.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func setProcess(_ process: ProcessIdentity?, of key: AttachmentKey) throws(TapestryError)

  /// Gives leases the settings that `change` makes of what they are: all of them, or none. Those that have another egress
  /// policy then are unsettled.
  /// - Returns: the leases as they are then.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; what `change` throws, and nothing is changed.
  @discardableResult
  func update(
    _ keys: [AttachmentKey], _ change: (Lease) throws(TapestryError) -> AttachmentSettings
  ) throws(TapestryError) -> [Lease]

  /// Takes down that leases are unsettled: no connection goes on that their policies do not allow.
  func settle(_ keys: [AttachmentKey]) throws(TapestryError)

  /// Claims ports of the host for an attachment, besides those it has. All of them, or none.
  /// - Throws: `ATTACHMENT_NOT_FOUND`; `PORT_IN_USE` when an attachment has one already; `INVALID_PORT`.
  func publish(_ ports: [PublishedPort], to key: AttachmentKey) throws(TapestryError)

  /// Gives ports of the host back; those that the attachment does not have are no error.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func unpublish(_ ports: [PublishedPort], from key: AttachmentKey) throws(TapestryError)

  /// Leases by VM and interface: of one network, of one VM, of both, or all.
  func leases(network: Identifier?, vm: Identifier?) throws(TapestryError) -> [Lease]

  func lease(for key: AttachmentKey) throws(TapestryError) -> Lease?

  func lease(tapName: InterfaceName) throws(TapestryError) -> Lease?

  /// Takes over a lease that was made elsewhere, as it is: one read from the kernel's marks.
  ///
  /// The same lease again changes nothing.
  /// - Throws: `NETWORK_NOT_FOUND`; `ATTACHMENT_CONFLICT` when the attachment holds another lease, or another one
  ///   holds the TAP name; `ADDRESS_OUT_OF_SUBNET`; `ADDRESS_IN_USE` for its address or MAC.
  func adopt(_ lease: Lease) throws(TapestryError)

  /// Takes over networks, and leases as `adopt(_:)` does: all of them, or none. A store that knew the networks and not
  /// yet their leases would have the guests taken for left-overs.
  func adopt(_ networks: [Network], _ leases: [Lease]) throws(TapestryError)

  // MARK: Reservations

  /// Takes the next address out of the network's stock, for a claim that asks for it later.
  /// - Parameter process: who reserves it, so that it can be given back when that process is gone.
  /// - Throws: `NETWORK_NOT_FOUND`; `IP_EXHAUSTED`.
  func reserveAddress(in network: Identifier, for process: ProcessIdentity?) throws(TapestryError) -> IPv4Address

  /// Gives a reserved address back: to the back of the queue for reuse.
  /// - Returns: false when it was not reserved.
  @discardableResult
  func releaseReservation(of address: IPv4Address, in network: Identifier) throws(TapestryError) -> Bool

  /// Reserved addresses that no lease has taken over, by network and address.
  func reservations(network: Identifier?) throws(TapestryError) -> [Reservation]

  // MARK: Sysctls

  /// Remembers the value that a sysctl had before it was changed; the first one remembered stays.
  func rememberSysctl(_ sysctl: Sysctl, value: String) throws(TapestryError)

  /// The remembered values, by name.
  func rememberedSysctls() throws(TapestryError) -> [RememberedSysctl]

  /// Forgets these sysctls; nil forgets all.
  func forgetSysctls(_ sysctls: [Sysctl]?) throws(TapestryError)
}

/// What `LeaseStore.claim` found or made.
public struct LeaseClaim: Hashable, Sendable {
  public var lease: Lease
  /// The network that the lease is in.
  public var network: Network
  /// Whether this claim made the lease; false when the attachment held it already.
  public var isNew: Bool

  public init(lease: Lease, network: Network, isNew: Bool) {
    self.lease = lease
    self.network = network
    self.isNew = isNew
  }
}

/// An address taken out of a network's stock that no lease holds yet.
public struct Reservation: Hashable, Sendable {
  public var network: Identifier
  public var address: IPv4Address
  /// Who reserved it.
  public var process: ProcessIdentity?

  public init(network: Identifier, address: IPv4Address, process: ProcessIdentity? = nil) {
    self.network = network
    self.address = address
    self.process = process
  }
}

/// The value that a sysctl had before it was changed.
public struct RememberedSysctl: Hashable, Sendable {
  public var sysctl: Sysctl
  public var value: String

  public init(sysctl: Sysctl, value: String) {
    self.sysctl = sysctl
    self.value = value
  }
}
