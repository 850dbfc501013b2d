public import NetTypes

/// An Ethernet II frame, without preamble and frame check sequence, as a TAP hands it over.
public struct EthernetFrame: Hashable, Sendable {
  public var destination: MACAddress
  public var source: MACAddress
  public var etherType: EtherType
  public var payload: [UInt8]

  public init(destination: MACAddress, source: MACAddress, etherType: EtherType, payload: [UInt8]) {
    self.destination = destination
    self.source = source
    self.etherType = etherType
    self.payload = payload
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "Ethernet")
    destination = try reader.macAddress()
    source = try reader.macAddress()
    etherType = EtherType(rawValue: try reader.uint16())
    payload = Array(reader.remaining)
  }

  public var bytes: [UInt8] {
    var bytes = destination.octets + source.octets
    bytes.append(bigEndian: etherType.rawValue)
    return bytes + payload
  }

  /// The same frame with an 802.1Q tag in front of its EtherType. Tags nest.
  public func tagged(vlan: UInt16, as tag: EtherType = .vlan) -> EthernetFrame {
    var tagged = self
    tagged.etherType = tag
    tagged.payload = []
    tagged.payload.append(bigEndian: vlan)
    tagged.payload.append(bigEndian: etherType.rawValue)
    tagged.payload += payload
    return tagged
  }
}

/// What an Ethernet frame carries: IANA's "IEEE 802 Numbers".
public struct EtherType: RawRepresentable, Hashable, Sendable {
  /// In host byte order.
  public var rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static let ipv4 = EtherType(rawValue: 0x0800)
  public static let arp = EtherType(rawValue: 0x0806)
  public static let ipv6 = EtherType(rawValue: 0x86dd)
  /// 802.1Q.
  public static let vlan = EtherType(rawValue: 0x8100)
  /// 802.1ad, the outer tag of two.
  public static let serviceVLAN = EtherType(rawValue: 0x88a8)
  /// 802.1AB, link layer discovery.
  public static let lldp = EtherType(rawValue: 0x88cc)
}

extension MACAddress {
  /// ff:ff:ff:ff:ff:ff.
  public static let broadcast = MACAddress(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)

  /// The MAC that a guest's TAP has on the host's side: the guest's own, beginning with fe.
  public var ofTap: MACAddress {
    let octets = octets
    return MACAddress(0xfe, octets[1], octets[2], octets[3], octets[4], octets[5])
  }
}

extension PacketReader {
  mutating func macAddress() throws(PacketError) -> MACAddress {
    guard let address = MACAddress(bytes: try bytes(6)) else { throw PacketError("not a MAC address") }
    return address
  }

  mutating func ipv4Address() throws(PacketError) -> IPv4Address {
    IPv4Address(rawValue: try uint32())
  }

  mutating func ipv6Address() throws(PacketError) -> IPv6Address {
    guard let address = IPv6Address(bytes: try bytes(16)) else { throw PacketError("not an IPv6 address") }
    return address
  }
}
