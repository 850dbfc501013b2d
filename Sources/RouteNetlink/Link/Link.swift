public import NetTypes

/// A network interface: RTM_NEWLINK, rtnetlink(7).
public struct Link: Hashable, Sendable {
  /// The index: unique within the network namespace, and constant while the link exists.
  public var index: Int32
  /// IFLA_IFNAME. A kernel name may have any bytes except `/`, `:` and white space, so not every one is an `InterfaceName`.
  public var name: String
  /// IFLA_IFALIAS: free text of up to 255 bytes.
  public var alias: String?
  /// IFLA_ALT_IFNAME: alternative names of up to 127 bytes each. The link can be looked up by any of them.
  public var alternativeNames: [String] = []
  /// IFLA_ADDRESS; nil if the hardware address is not six bytes long.
  public var macAddress: MACAddress?
  /// IFLA_MTU, in bytes.
  public var mtu: UInt32 = 0
  /// IFF_UP: whether the link is administratively up.
  public var isUp: Bool
  /// IFLA_CARRIER: whether the driver reports a carrier, even while the link is down; false if the kernel does not say. For
  /// a TAP: whether a process has it open.
  public var hasCarrier = false
  /// IFLA_CARRIER_UP_COUNT: how often the carrier came up.
  public var carrierArrivals: UInt32 = 0
  /// IFLA_MASTER: the index of the link that this one is enslaved to, such as its bridge.
  public var master: Int32?
  /// IFLA_GROUP: all links of a group can be deleted at once. 0 is the default group.
  public var group: UInt32 = 0

  /// IFLA_INFO_KIND: `bridge`, `tun` (also TAPs), `veth`, `dummy`; nil for hardware and loopback.
  public var kind: String?
  /// IFLA_INFO_SLAVE_DATA, if the slave kind is `bridge`.
  public var bridgePort: BridgePortAttributes?
  /// IFLA_INFO_DATA, if the kind is `tun`.
  public var tun: TunAttributes?

  /// IFLA_INET_CONF: the IPv4 settings of this device.
  public var ipv4: [IPv4DeviceSetting: Int32] = [:]
  /// IFLA_INET6_CONF: the IPv6 settings of this device; empty if the link has no IPv6.
  public var ipv6: [IPv6DeviceSetting: Int32] = [:]

  /// rx_packets of IFLA_STATS64, since the link's creation; nil if the kernel did not send it. For a TAP, packets from
  /// the guest count as received.
  public var receivedPackets: UInt64?
  /// tx_packets of IFLA_STATS64. For a TAP, packets to the guest.
  public var sentPackets: UInt64?
}
