package import Linux
package import NetTypes

/// The key of an attachment on this host: a VM and one of its interfaces.
package struct AttachmentKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var vm: Identifier
  package var interface: Identifier

  package init(vm: Identifier, interface: Identifier) {
    self.vm = vm
    self.interface = interface
  }

  package var description: String { "\(vm)/\(interface)" }

  package static func < (one: AttachmentKey, other: AttachmentKey) -> Bool {
    (one.vm, one.interface) < (other.vm, other.interface)
  }
}

/// The durable claim of an attachment on its address, MAC and TAP name.
package struct Lease: Hashable, Sendable {
  package var key: AttachmentKey
  package var network: Identifier
  package var address: IPv4Address
  package var mac: MACAddress
  package var tapName: InterfaceName
  package var settings: AttachmentSettings
  /// The process that the attachment is tied to: it ends when the process exits.
  package var process: ProcessIdentity?
  package var state: State
  /// Whether its policy was changed, and connections that are no longer allowed may still be established: the next
  /// command ends them.
  package var isUnsettled: Bool

  package enum State: String, Hashable, Sendable {
    /// Claimed. The kernel objects may be missing or incomplete.
    case pending
    /// Claimed, and the kernel objects exist.
    case active
    /// Being removed. Its claims hold until the kernel objects are gone.
    case releasing
  }

  package init(
    key: AttachmentKey, network: Identifier, address: IPv4Address, mac: MACAddress, tapName: InterfaceName,
    settings: AttachmentSettings = AttachmentSettings(), process: ProcessIdentity? = nil, state: State = .pending,
    isUnsettled: Bool = false
  ) {
    self.key = key
    self.network = network
    self.address = address
    self.mac = mac
    self.tapName = tapName
    self.settings = settings
    self.process = process
    self.state = state
    self.isUnsettled = isUnsettled
  }
}

extension Lease {
  /// The owner to set on the TAP.
  var tapOwner: TapOwner { settings.owner ?? .root }
}

/// The request of an attach. Fields that are nil are chosen by the store.
package struct LeaseRequest: Hashable, Sendable {
  package var key: AttachmentKey
  package var address: IPv4Address?
  package var mac: MACAddress?
  package var settings: AttachmentSettings
  package var process: ProcessIdentity?
  /// Whether to refuse a lease that another running process holds.
  package var isExclusive: Bool

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
