public import NetTypes

/// One interface of one VM plugged into one network: everything a VMM and its guest need to know.
///
/// Its coded form has the original's field names.
public struct Attachment: Hashable, Sendable, Codable {
  public var vmID: String
  public var interfaceID: String
  public var network: String
  public var tapName: InterfaceName
  public var guestIP: IPv4Address
  public var prefixLength: Int
  public var gatewayIP: IPv4Address
  public var subnetMask: IPv4Address
  public var mac: MACAddress
  /// In bytes.
  public var mtu: Int
  public var bridge: InterfaceName
  /// The `ip=` parameter for the guest's kernel command line.
  public var bootArguments: String

  enum CodingKeys: String, CodingKey {
    case vmID = "vmId"
    case interfaceID = "interfaceId"
    case network, tapName
    case guestIP = "guestIp"
    case prefixLength
    case gatewayIP = "gatewayIp"
    case subnetMask, mac, mtu, bridge
    case bootArguments = "bootArgs"
  }
}

extension Attachment {
  init(_ lease: Lease, in network: Network) {
    self.init(
      vmID: lease.key.vm.rawValue, interfaceID: lease.key.interface.rawValue, network: network.name.rawValue,
      tapName: lease.tapName, guestIP: lease.address, prefixLength: network.subnet.prefixLength,
      gatewayIP: network.subnet.gateway, subnetMask: network.subnet.subnetMask, mac: lease.mac, mtu: network.mtu,
      bridge: network.bridge,
      bootArguments: BootArguments(
        address: lease.address, subnet: network.subnet, interface: lease.key.interface.rawValue, dns: network.dns
      ).description)
  }
}
