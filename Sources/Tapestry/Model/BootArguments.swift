public import NetTypes

/// The kernel's `ip=` parameter, `ip=CLIENT::GATEWAY:MASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1`
/// (Documentation/admin-guide/nfs/nfsroot.rst). klibc's ipconfig and systemd parse it too.
public struct BootArguments: Hashable, Sendable, CustomStringConvertible {
  /// The guest's address.
  public var address: IPv4Address
  /// The guest's subnet, for the mask.
  public var subnet: IPv4Subnet
  /// The guest's default gateway.
  public var gateway: IPv4Address
  /// The id of the interface. It is the guest's device if it is a Linux NIC name; otherwise the device is `eth0`.
  public var interface: Identifier
  /// DNS servers. Only the first two are used: `ip=` takes no more.
  public var dns: [IPv4Address]

  /// Creates boot arguments for one interface.
  /// - Parameter gateway: nil: the subnet's gateway.
  public init(
    address: IPv4Address, subnet: IPv4Subnet, gateway: IPv4Address? = nil, interface: Identifier = .eth0,
    dns: [IPv4Address] = []
  ) {
    self.address = address
    self.subnet = subnet
    self.gateway = gateway ?? subnet.gateway
    self.interface = interface
    self.dns = dns
  }

  /// The parameter: `ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off`.
  public var description: String {
    var text = "ip=\(address)::\(gateway):\(subnet.subnetMask)::\(device):off"
    for server in dns.prefix(2) { text += ":\(server)" }
    return text
  }

  /// The interface's id if it is a NIC name such as `eth1`, `ens3` or `enp0s4`. Other ids name a role, not a device.
  private var device: String {
    let name = interface.rawValue
    if name == "eth0" { return name }
    let isKernelName = name.hasPrefix("eth") && name.count > 3 && name.dropFirst(3).allSatisfy(\.isASCIIDigit)
    let isPredictableName =
      name.hasPrefix("en") && name.dropFirst(2).contains(where: \.isASCIIDigit)
      && name.allSatisfy { $0.isLowercase || $0.isASCIIDigit } && name.count <= 15
    return isKernelName || isPredictableName ? name : "eth0"
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
