import Linux
public import NetTypes

/// One interface of one VM attached to one network: everything a VMM and its guest need to know.
///
/// The encoded form uses the original's field names.
public struct Attachment: Hashable, Sendable {
  /// The VM's id.
  public var vmID: Identifier
  /// The id of the VM's interface: `eth0` unless the request names another.
  public var interfaceID: Identifier
  /// The network's name.
  public var network: Identifier
  /// The name of the TAP on the host, which the VMM opens.
  public var tapName: InterfaceName
  /// The guest's IPv4 address, as the guest itself uses it.
  public var guestIP: IPv4Address
  /// The prefix length of the guest's subnet, in bits.
  public var prefixLength: Int
  /// The guest's default gateway.
  public var gatewayIP: IPv4Address
  /// `prefixLength` as a mask: 255.255.255.0 for 24.
  public var subnetMask: IPv4Address
  /// The MAC of the guest's interface.
  public var mac: MACAddress
  /// In bytes.
  public var mtu: Int
  /// The network's bridge, which has the gateway address.
  public var bridge: InterfaceName
  /// In mode `clone`: the address at which the host and others reach the guest. The guest itself uses `guestIP`.
  public var outerIP: IPv4Address?
  /// nil if the network has no IPv6, as are `prefixLength6` and `gatewayIP6`.
  public var guestIP6: IPv6Address?
  /// 128 if the gateway is the guest's only neighbour on its link, else 64.
  public var prefixLength6: Int?
  /// A link-local address: the guest's route through it has to name the interface.
  public var gatewayIP6: IPv6Address?
  /// The DNS name of the guest for other guests of the network; nil if they cannot resolve it.
  public var domainName: String?
  /// Policy, published ports, limits and the owner of the TAP.
  public var settings: AttachmentSettings
  /// The process that the attachment is tied to: it ends when the process exits. nil: no process.
  public var pid: Int32?
  /// The process that the attachment is tied to, if it has ended and no other process has the TAP open: `gc` removes the
  /// attachment.
  public var endedPID: Int32?
  /// The `ip=` parameter for the guest's kernel command line.
  public var bootArguments: String

  /// An attachment with the defaults of a network of mode `bridge`: for tests of a caller's own code.
  public init(
    vmID: Identifier, interfaceID: Identifier = .eth0, network: Identifier = .default, tapName: InterfaceName,
    guestIP: IPv4Address, prefixLength: Int = 24, gatewayIP: IPv4Address, subnetMask: IPv4Address, mac: MACAddress,
    mtu: Int = 1500, bridge: InterfaceName, outerIP: IPv4Address? = nil, guestIP6: IPv6Address? = nil,
    prefixLength6: Int? = nil, gatewayIP6: IPv6Address? = nil, domainName: String? = nil,
    settings: AttachmentSettings = AttachmentSettings(), pid: Int32? = nil, endedPID: Int32? = nil,
    bootArguments: String
  ) {
    self.vmID = vmID
    self.interfaceID = interfaceID
    self.network = network
    self.tapName = tapName
    self.guestIP = guestIP
    self.prefixLength = prefixLength
    self.gatewayIP = gatewayIP
    self.subnetMask = subnetMask
    self.mac = mac
    self.mtu = mtu
    self.bridge = bridge
    self.outerIP = outerIP
    self.guestIP6 = guestIP6
    self.prefixLength6 = prefixLength6
    self.gatewayIP6 = gatewayIP6
    self.domainName = domainName
    self.settings = settings
    self.pid = pid
    self.endedPID = endedPID
    self.bootArguments = bootArguments
  }
}

extension Attachment {
  /// The address at which the host reaches the guest.
  public var address: IPv4Address { outerIP ?? guestIP }

  init(_ lease: Lease, in network: Network, endedPID: Int32? = nil) {
    let snapshot = network.snapshot
    let address = snapshot?.address ?? lease.address
    let subnet = snapshot?.subnet ?? network.subnet
    let gateway = snapshot?.gateway ?? subnet.gateway
    self.init(
      vmID: lease.key.vm, interfaceID: lease.key.interface, network: network.name,
      tapName: lease.tapName, guestIP: address, prefixLength: subnet.prefixLength, gatewayIP: gateway,
      subnetMask: subnet.subnetMask, mac: snapshot?.mac ?? lease.mac, mtu: network.mtu, bridge: network.bridge,
      outerIP: snapshot == nil ? nil : lease.address, guestIP6: network.address6(of: lease.mac),
      prefixLength6: network.subnet6 == nil ? nil : network.guestPrefixLength6,
      gatewayIP6: network.subnet6 == nil ? nil : Network.gateway6,
      domainName: network.domainName(ofVM: lease.key.vm), settings: lease.settings,
      pid: lease.process?.pid, endedPID: endedPID,
      bootArguments: BootArguments(
        address: address, subnet: subnet, gateway: gateway, interface: lease.key.interface,
        dns: network.guestDNS
      ).description)
  }
}
