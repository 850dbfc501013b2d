public import NetTypes

/// A named group of guests that share a subnet and a policy.
public struct Network: Hashable, Sendable {
  /// The network's name.
  public var name: Identifier
  /// How the guests are connected.
  public var mode: Mode
  /// The first host address is the gateway; the others are for guests. In mode `clone` these are the outer addresses, at
  /// which the host and others reach the guests.
  public var subnet: IPv4Subnet
  /// The link that has the gateway address. The guests' TAPs are its ports only in mode `bridge`.
  public var bridge: InterfaceName
  /// The MTU of the bridge and the guests' interfaces, in bytes.
  public var mtu: Int
  /// The guests' IPv6 prefix, a /64; nil: guests have no IPv6. Not available in mode `clone`.
  public var subnet6: IPv6Prefix?
  /// Whether guests' IPv6 packets to the outside are masqueraded as the host's.
  public var nat6: Bool
  /// The addresses that every guest is configured with. Only in mode `clone`.
  public var snapshot: SnapshotIdentity?
  /// Policies, and what else can be set when it is created.
  public var settings: NetworkSettings

  /// How the guests of a network are connected.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// The guests' TAPs are ports of one Linux bridge.
    case bridge
    /// Each guest's TAP has its own route. There is no bridge between guests, and no limit of 1,023.
    case routed
    /// Like `routed`, for guests restored from one snapshot, which share an address and a MAC. Each has an outer address,
    /// which is translated at its TAP.
    case clone
  }

  /// Creates a value. `NetworkManager.createNetwork` creates a network on the host.
  public init(
    name: Identifier, mode: Mode = .bridge, subnet: IPv4Subnet, bridge: InterfaceName, mtu: Int = standardMTU,
    subnet6: IPv6Prefix? = nil, nat6: Bool = false, snapshot: SnapshotIdentity? = nil,
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

extension Network {
  /// 172.30.0.0/24, the original's.
  public static let defaultSubnet = IPv4Subnet(known: IPv4Address(172, 30, 0, 0), prefixLength: 24)
  /// In bytes: Ethernet's MTU.
  public static let standardMTU = 1500
  /// The range of a network's MTU, in bytes.
  static let mtus = 576...65_521
  /// `svbr0`, the original's.
  public static let defaultBridge = InterfaceName(known: "svbr0")
}
