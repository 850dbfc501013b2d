public import NetTypes
public import Netlink

/// A network interface, as the kernel tells of it: RTM_NEWLINK, rtnetlink(7).
public struct Link: Hashable, Sendable {
  /// Unique within the network namespace; never reused while the link lives.
  public var index: Int32
  /// The kernel's names are any bytes but `/`, `:` and white space: not every one is an `InterfaceName`.
  public var name: String
  /// ifalias: free text of up to 255 bytes.
  public var alias: String?
  /// Further names of up to 127 bytes each, by which the link can be looked up as by its own.
  public var alternativeNames: [String] = []
  /// nil where the hardware address is not one of six bytes; then it is in `other`.
  public var macAddress: MACAddress?
  /// The largest payload of a frame, in bytes.
  public var mtu: UInt32 = 0
  public var flags: LinkFlags
  public var operationalState = OperationalState.unknown
  /// Whether the driver says that there is a carrier, be the link up or down; false where the kernel does not tell. For a
  /// TAP: a process has it open.
  public var hasCarrier = false
  /// How often the carrier has come.
  public var carrierArrivals: UInt32 = 0
  /// How many things want promiscuous mode of the link; a bridge does of its ports.
  public var promiscuity: UInt32 = 0
  /// The index of the link this one is enslaved to: its bridge.
  public var master: Int32?
  /// Links of one group can be deleted at once. 0 is the group of links that nobody put in one.
  public var group: UInt32 = 0
  /// The index of the link below this one, or of the other end of a veth pair; in `peerNamespaceID` where that is set.
  public var lowerLink: Int32?
  /// The id, in the namespace of the socket, of the namespace that `lowerLink` is in.
  public var peerNamespaceID: Int32?

  /// `bridge`, `tun` (TAPs too), `veth`, `dummy`; nil for hardware and the loopback.
  public var kind: String?
  /// The kind of the master: `bridge`.
  public var slaveKind: String?
  /// What IFLA_LINKINFO says of other kinds, and else.
  public var otherInformation: [RawAttribute] = []
  /// For the kind `bridge`.
  public var bridge: BridgeAttributes?
  /// For the slave kind `bridge`.
  public var bridgePort: BridgePortAttributes?
  /// For the kind `tun`.
  public var tun: TunAttributes?

  /// nil where the link has no IPv6.
  public var addressGenerationMode: AddressGenerationMode?
  /// Settings of IPv4 for this device.
  public var ipv4: [IPv4DeviceSetting: Int32] = [:]
  /// Settings of IPv6 for this device; none where the link has no IPv6.
  public var ipv6: [IPv6DeviceSetting: Int32] = [:]

  public var statistics: LinkStatistics?

  /// All other IFLA_ attributes, in the kernel's order; and IFLA_AF_SPEC whole, of which only part is decoded.
  public var other: [RawAttribute] = []
}
