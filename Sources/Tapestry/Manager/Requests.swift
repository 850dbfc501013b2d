public import NetTypes

/// A network to be created. Values that are left out are chosen.
public struct NetworkRequest: Hashable, Sendable {
  /// The network's name.
  public var name: Identifier
  /// How the guests are connected.
  public var mode: Network.Mode
  /// nil: the first free subnet of 172.30.0.0/24, 172.30.1.0/24, …
  public var subnet: IPv4Subnet?
  /// nil: the first free name of svbr0, svbr1, …
  public var bridge: InterfaceName?
  /// In bytes, 576 to 65,521; nil: 1,500, or the uplink's MTU if that is smaller.
  public var mtu: Int?
  /// nil: no IPv6. Must be nil for mode `clone`.
  public var subnet6: Subnet6Request?
  /// Whether guests' IPv6 is masqueraded; nil: only for unique local addresses.
  public var nat6: Bool?
  /// The identity of the snapshot's guest; required for mode `clone`, and only allowed there.
  public var snapshot: SnapshotIdentity?
  /// Policies, and what else is not chosen.
  public var settings: NetworkSettings

  /// Creates a request. What is left out has its default.
  public init(
    name: Identifier, mode: Network.Mode = .bridge, subnet: IPv4Subnet? = nil, bridge: InterfaceName? = nil,
    mtu: Int? = nil, subnet6: Subnet6Request? = nil, nat6: Bool? = nil, snapshot: SnapshotIdentity? = nil,
    settings: NetworkSettings = NetworkSettings()
  ) {
    self.name = name
    self.mode = mode
    self.subnet = subnet
    self.bridge = bridge
    self.mtu = mtu
    self.subnet6 = subnet6
    self.nat6 = nat6
    self.snapshot = snapshot
    self.settings = settings
  }
}

/// An attachment to be made. Values that are left out are chosen.
public struct AttachRequest: Hashable, Sendable {
  /// The VM's id.
  public var vmID: Identifier
  /// The id of the VM's interface.
  public var interfaceID: Identifier
  /// The network's name. `default` exists without being created.
  public var network: Identifier
  /// nil: the next free address of the subnet.
  public var ip: IPv4Address?
  /// nil: derived from the ids.
  public var mac: MACAddress?
  /// The process whose end allows the attachment to be removed.
  public var pid: Int32?
  /// Policy, published ports, limits and the owner of the TAP.
  public var settings: AttachmentSettings
  /// Refuse an attachment that another running process holds, instead of taking it over.
  public var isExclusive: Bool

  /// Creates a request. What is left out has its default.
  public init(
    vmID: Identifier, interfaceID: Identifier = .eth0, network: Identifier = .default, ip: IPv4Address? = nil,
    mac: MACAddress? = nil, pid: Int32? = nil, settings: AttachmentSettings = AttachmentSettings(),
    isExclusive: Bool = false
  ) {
    self.vmID = vmID
    self.interfaceID = interfaceID
    self.network = network
    self.ip = ip
    self.mac = mac
    self.pid = pid
    self.settings = settings
    self.isExclusive = isExclusive
  }
}

/// What an attach would return and do.
public struct AttachPreview: Hashable, Sendable, Codable {
  /// The attachment that `attach` would return.
  public var attachment: Attachment
  /// Descriptions of the steps, in order.
  public var plan: [String]

  /// Creates a preview. `NetworkManager.previewAttach` makes them; tests of your own code can too.
  public init(attachment: Attachment, plan: [String]) {
    self.attachment = attachment
    self.plan = plan
  }
}
