public import NetTypes

/// A named set of guests that share a subnet and a policy.
public struct Network: Hashable, Sendable {
  public var name: Identifier
  public var mode: Mode
  /// Its first host is the gateway, which is the bridge; the rest are guests.
  public var subnet: IPv4Subnet
  public var bridge: InterfaceName
  /// Of the bridge and of the guests' interfaces, in bytes.
  public var mtu: Int
  /// Name servers for the guests' boot arguments: at most two, as `ip=` takes.
  public var dns: [IPv4Address]
  /// Whether guests of this network may reach each other.
  public var allowsInterVM: Bool
  /// Whether guests reach the outside under the host's address (masquerade).
  public var nat: Bool

  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Guests' TAPs are ports of one Linux bridge.
    case bridge
  }

  public init(
    name: Identifier, mode: Mode = .bridge, subnet: IPv4Subnet, bridge: InterfaceName, mtu: Int = 1500,
    dns: [IPv4Address] = [], allowsInterVM: Bool = false, nat: Bool = true
  ) {
    self.name = name
    self.mode = mode
    self.subnet = subnet
    self.bridge = bridge
    self.mtu = mtu
    self.dns = dns
    self.allowsInterVM = allowsInterVM
    self.nat = nat
  }
}

extension Network {
  /// 172.30.0.0/24, as in the original.
  public static let defaultSubnet = IPv4Subnet(known: IPv4Address(172, 30, 0, 0), prefixLength: 24)
  /// `svbr0`, as in the original.
  public static let defaultBridge = InterfaceName(known: "svbr0")
}

extension Identifier {
  /// The network that exists without being created.
  public static let `default` = Identifier(known: "default")
}
