public import Linux
public import NetTypes

/// The key of an attachment on this host: a VM and one of its interfaces.
public struct AttachmentKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The VM's id.
  public var vm: Identifier
  /// The id of the VM's interface.
  public var interface: Identifier

  /// Creates a key.
  public init(vm: Identifier, interface: Identifier) {
    self.vm = vm
    self.interface = interface
  }

  /// The VM and the interface: `web-1/eth0`.
  public var description: String { "\(vm)/\(interface)" }

  /// By VM, then by interface.
  public static func < (one: AttachmentKey, other: AttachmentKey) -> Bool {
    (one.vm, one.interface) < (other.vm, other.interface)
  }
}

/// The durable claim of an attachment on its address, MAC and TAP name.
public struct Lease: Hashable, Sendable {
  /// The attachment that holds the lease.
  public var key: AttachmentKey
  /// The name of the attachment's network.
  public var network: Identifier
  /// The address: in mode `clone` the outer address.
  public var address: IPv4Address
  /// The MAC that was claimed. In mode `clone` guests use the snapshot's instead.
  public var mac: MACAddress
  /// The name of the TAP.
  public var tapName: InterfaceName
  /// Policy, published ports, limits and the owner of the TAP.
  public var settings: AttachmentSettings
  /// The process that the attachment is tied to: it ends when the process exits.
  public var process: ProcessIdentity?
  /// How far the attach or detach is.
  public var state: State
  /// Whether its policy was changed, and connections that are no longer allowed may still be established: the next
  /// command ends them.
  public var isUnsettled: Bool

  /// How far an attach or detach is.
  public enum State: String, Hashable, Sendable {
    /// Claimed. The kernel objects may be missing or incomplete.
    case pending
    /// Claimed, and the kernel objects exist.
    case active
    /// Being removed. Its claims hold until the kernel objects are gone.
    case releasing
  }

  /// Creates a lease in state `pending`, unless another is given.
  public init(
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

/// The user and group that may open a TAP without CAP_NET_ADMIN: tun(4).
public struct TapOwner: Hashable, Sendable, Codable {
  /// The user's id.
  public var uid: UInt32
  /// The group's id; nil: the user may open the TAP regardless of groups.
  public var gid: UInt32?

  /// Creates an owner.
  public init(uid: UInt32, gid: UInt32? = nil) {
    self.uid = uid
    self.gid = gid
  }

  /// The default owner. The kernel lets everybody open a TAP without an owner.
  static let root = TapOwner(uid: 0, gid: 0)
}

extension TapOwner: CustomStringConvertible {
  /// `1000:1000`, or `1000` without a group.
  public var description: String { gid.map { "\(uid):\($0)" } ?? "\(uid)" }
}

extension Lease {
  /// The owner to set on the TAP.
  var tapOwner: TapOwner { settings.owner ?? .root }
}

/// The request of an attach. Fields that are nil are chosen by the store.
public struct LeaseRequest: Hashable, Sendable {
  /// The attachment that asks.
  public var key: AttachmentKey
  /// The requested address.
  public var address: IPv4Address?
  /// The requested MAC.
  public var mac: MACAddress?
  /// Policy, published ports, limits and the owner of the TAP.
  public var settings: AttachmentSettings
  /// The process to tie the attachment to; nil: none.
  public var process: ProcessIdentity?
  /// Whether to refuse a lease that another running process holds.
  public var isExclusive: Bool

  /// Creates a request.
  public init(
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
