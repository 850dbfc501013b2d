package import Linux
package import NetTypes

/// The key of an attachment on this host: a VM and one of its interfaces.
package struct AttachmentKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The VM's id.
  package var vm: Identifier
  /// The id of the VM's interface.
  package var interface: Identifier

  /// Creates a key.
  package init(vm: Identifier, interface: Identifier) {
    self.vm = vm
    self.interface = interface
  }

  /// The VM and the interface: `web-1/eth0`.
  package var description: String { "\(vm)/\(interface)" }

  /// By VM, then by interface.
  package static func < (one: AttachmentKey, other: AttachmentKey) -> Bool {
    (one.vm, one.interface) < (other.vm, other.interface)
  }
}

/// The durable claim of an attachment on its address, MAC and TAP name.
package struct Lease: Hashable, Sendable {
  /// The attachment that holds the lease.
  package var key: AttachmentKey
  /// The name of the attachment's network.
  package var network: Identifier
  /// The address: in mode `clone` the outer address.
  package var address: IPv4Address
  /// The MAC that was claimed. In mode `clone` guests use the snapshot's instead.
  package var mac: MACAddress
  /// The name of the TAP.
  package var tapName: InterfaceName
  /// Policy, published ports, limits and the owner of the TAP.
  package var settings: AttachmentSettings
  /// The process that the attachment is tied to: it ends when the process exits.
  package var process: ProcessIdentity?
  /// How far the attach or detach is.
  package var state: State
  /// What was changed and may not be in force yet, because the command that changes it may have been killed.
  package var unsettled: Change
  package var isUnsettled: Bool { unsettled != .nothing }
  /// The owner to set on the TAP.
  package var tapOwner: TapOwner { settings.owner ?? .root }

  /// How far an attach or detach is.
  package enum State: String, Hashable, Sendable {
    /// Claimed. The kernel objects may be missing or incomplete.
    case pending
    /// Claimed, and the kernel objects exist.
    case active
    /// Being removed. Its claims hold until the kernel objects are gone.
    case releasing
  }

  /// A change of an attachment's settings.
  package enum Change: Int, Hashable, Sendable {
    case nothing = 0
    /// The egress policy, and maybe others: connections that are no longer allowed may still be established.
    case policy = 1
    /// Other settings.
    case other = 2
  }

  /// Creates a lease in state `pending`, unless another is given.
  package init(
    key: AttachmentKey, network: Identifier, address: IPv4Address, mac: MACAddress, tapName: InterfaceName,
    settings: AttachmentSettings = AttachmentSettings(), process: ProcessIdentity? = nil, state: State = .pending,
    unsettled: Change = .nothing
  ) {
    self.key = key
    self.network = network
    self.address = address
    self.mac = mac
    self.tapName = tapName
    self.settings = settings
    self.process = process
    self.state = state
    self.unsettled = unsettled
  }
}

/// The request of an attach. Fields that are nil are chosen by the store.
package struct LeaseRequest: Hashable, Sendable {
  /// The attachment that asks.
  package var key: AttachmentKey
  /// The requested address.
  package var address: IPv4Address?
  /// The requested MAC.
  package var mac: MACAddress?
  /// Policy, published ports, limits and the owner of the TAP.
  package var settings: AttachmentSettings
  /// The process to tie the attachment to; nil: none.
  package var process: ProcessIdentity?
  /// Whether to refuse a lease that another running process holds.
  package var isExclusive: Bool

  /// Creates a request.
  package init(
    key: AttachmentKey, address: IPv4Address? = nil, mac: MACAddress? = nil,
    settings: AttachmentSettings = AttachmentSettings(), process: ProcessIdentity? = nil, isExclusive: Bool = false
  ) {
    self.key = key
    self.address = address
    self.mac = mac
    self.settings = settings
    self.process = process
    self.isExclusive = isExclusive
  }
}
