public import NetTypes

/// A named set of guests that share a subnet and a policy.
public struct Network: Hashable, Sendable {
  public var name: Identifier
  public var mode: Mode
  /// Its first host is the gateway; the rest are guests. In mode `clone` these are the outer addresses, by which the
  /// host and others know the guests.
  public var subnet: IPv4Subnet
  /// The link that has the gateway's address. Only in mode `bridge` are the guests' TAPs its ports.
  public var bridge: InterfaceName
  /// Of the bridge and of the guests' interfaces, in bytes.
  public var mtu: Int
  /// Name servers for the guests' boot arguments: at most two, as `ip=` takes. None where `nameServer` is to be theirs.
  public var dns: [IPv4Address]
  /// Whether guests of this network may reach each other.
  public var allowsInterVM: Bool
  /// Whether guests reach the outside under the host's address (masquerade).
  public var nat: Bool
  /// The guests' IPv6 prefix, of 64 bits; nil for none, and then they have no IPv6 at all. Not in mode `clone`.
  public var subnet6: IPv6Prefix?
  /// Whether guests reach the outside under the host's IPv6 address (masquerade) too.
  public var nat6: Bool
  /// Whether other firewalls of the host that drop what is forwarded get rules that let the guests' packets through.
  public var opensFirewalls: Bool
  /// What guests may reach through the host, unless their attachment says otherwise.
  public var egress: EgressPolicy
  /// What guests may reach of the host itself.
  public var hostAccess: HostAccess
  /// nil: guests that want a name server are told of others', by `dns`.
  public var nameServer: NameServer?
  /// What every guest believes itself to be; in mode `clone` alone.
  public var snapshot: SnapshotIdentity?

  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Guests' TAPs are ports of one Linux bridge.
    case bridge
    /// Each guest's TAP has a route of its own: no bridge between them, and no limit of 1,023.
    case routed
    /// As routed, for guests that were restored from one snapshot and so share an address and a MAC: each is known by an
    /// outer address, which is translated at its TAP.
    case clone
  }

  public init(
    name: Identifier, mode: Mode = .bridge, subnet: IPv4Subnet, bridge: InterfaceName, mtu: Int = standardMTU,
    dns: [IPv4Address] = [], allowsInterVM: Bool = false, nat: Bool = true, subnet6: IPv6Prefix? = nil,
    nat6: Bool = false, opensFirewalls: Bool = true, egress: EgressPolicy = EgressPolicy(),
    hostAccess: HostAccess = .standard,
    nameServer: NameServer? = nil, snapshot: SnapshotIdentity? = nil
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

extension Network {
  /// 172.30.0.0/24, as in the original.
  public static let defaultSubnet = IPv4Subnet(known: IPv4Address(172, 30, 0, 0), prefixLength: 24)
  /// In bytes: what Ethernet takes.
  public static let standardMTU = 1500
  /// Those that a network may have, in bytes.
  static let mtus = 576...65_521
  /// `svbr0`, as in the original.
  public static let defaultBridge = InterfaceName(known: "svbr0")
}

extension Identifier {
  /// The network that exists without being created.
  public static let `default` = Identifier(known: "default")
}
