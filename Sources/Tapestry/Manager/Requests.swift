public import NetTypes

/// A network to be created. Values that are left out are chosen.
public struct NetworkRequest: Hashable, Sendable {
  /// 1 to 64 letters, digits, `.`, `_`, `-`, `:`.
  public var name: String
  /// How the guests are connected.
  public var mode: Network.Mode
  /// nil: the first free subnet of 172.30.0.0/24, 172.30.1.0/24, …
  public var subnet: IPv4Subnet?
  /// nil: the first free name of svbr0, svbr1, …
  public var bridge: InterfaceName?
  /// In bytes, 576 to 65,521; nil: 1,500, or the uplink's MTU if that is smaller.
  public var mtu: Int?
  /// DNS servers for the guests' boot arguments; at most two.
  public var dns: [IPv4Address]
  /// Whether guests of this network may reach each other.
  public var allowsInterVM: Bool
  /// Whether guests' packets to the outside are masqueraded as the host's.
  public var nat: Bool
  /// nil: no IPv6. Must be nil for mode `clone`.
  public var subnet6: Subnet6Request?
  /// Whether guests' IPv6 is masqueraded; nil: only for unique local addresses.
  public var nat6: Bool?
  /// Whether other firewalls of the host that drop forwarded packets get rules that accept the guests' packets.
  public var opensFirewalls: Bool
  /// What guests may reach through the host, unless their attachment overrides it.
  public var egress: EgressPolicy
  /// What guests may reach on the host itself.
  public var hostAccess: HostAccess
  /// A name server at the gateway's address; nil: none.
  public var nameServer: NameServer?
  /// The identity of the snapshot's guest; required for mode `clone`, and only allowed there.
  public var snapshot: SnapshotIdentity?

  /// Creates a request. What is left out has its default.
  public init(
    name: String, mode: Network.Mode = .bridge, subnet: IPv4Subnet? = nil, bridge: InterfaceName? = nil,
    mtu: Int? = nil, dns: [IPv4Address] = [], allowsInterVM: Bool = false, nat: Bool = true,
    subnet6: Subnet6Request? = nil, nat6: Bool? = nil, opensFirewalls: Bool = true,
    egress: EgressPolicy = EgressPolicy(), hostAccess: HostAccess = .standard, nameServer: NameServer? = nil,
    snapshot: SnapshotIdentity? = nil
  ) {
    self.name = name
    self.mode = mode
    self.subnet = subnet
    self.bridge = bridge
    self.mtu = mtu
    self.dns = dns
    self.allowsInterVM = allowsInterVM
    self.nat = nat
    self.subnet6 = subnet6
    self.nat6 = nat6
    self.opensFirewalls = opensFirewalls
    self.egress = egress
    self.hostAccess = hostAccess
    self.nameServer = nameServer
    self.snapshot = snapshot
  }
}

/// An attachment to be made. Values that are left out are chosen.
public struct AttachRequest: Hashable, Sendable {
  /// 1 to 64 letters, digits, `.`, `_`, `-`, `:`.
  public var vmID: String
  /// The interface's id: 1 to 64 letters, digits, `.`, `_`, `-`, `:`.
  public var interfaceID: String
  /// The network's name. `default` exists without being created.
  public var network: String
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
    vmID: String, interfaceID: String = "eth0", network: String = "default", ip: IPv4Address? = nil,
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
}
