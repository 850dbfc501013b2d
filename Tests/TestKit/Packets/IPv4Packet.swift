public import NetTypes

/// An IPv4 packet (RFC 791).
public struct IPv4Packet: Hashable, Sendable {
  public var source: IPv4Address
  public var destination: IPv4Address
  public var protocolNumber: IPProtocol
  public var timeToLive: UInt8 = 64
  public var identification: UInt16 = 0
  public var dontFragment = false
  public var moreFragments = false
  /// In units of 8 bytes, below 2¹³.
  public var fragmentOffset: UInt16 = 0
  /// Options, a multiple of 4 bytes, at most 40.
  public var options: [UInt8] = []
  public var payload: [UInt8]

  public init(source: IPv4Address, destination: IPv4Address, protocolNumber: IPProtocol, payload: [UInt8]) {
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.payload = payload
  }

  /// - Throws: `PacketError` also for a wrong header checksum.
  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "IPv4")
    let versionAndLength = try reader.uint8()
    let headerLength = Int(versionAndLength & 0xf) * 4
    guard versionAndLength >> 4 == 4, headerLength >= 20, headerLength <= bytes.count else {
      throw PacketError("not an IPv4 header")
    }
    guard InternetChecksum.of(Array(bytes[..<headerLength])) == 0 else { throw PacketError("IPv4 header checksum") }
    _ = try reader.uint8()
    // A short frame is padded to 60 bytes; the packet ends before.
    try reader.truncate(to: Int(try reader.uint16()) - 4)
    identification = try reader.uint16()
    let fragment = try reader.uint16()
    dontFragment = fragment & 0x4000 != 0
    moreFragments = fragment & 0x2000 != 0
    fragmentOffset = fragment & 0x1fff
    timeToLive = try reader.uint8()
    protocolNumber = IPProtocol(rawValue: try reader.uint8())
    _ = try reader.uint16()
    source = try reader.ipv4Address()
    destination = try reader.ipv4Address()
    options = Array(try reader.bytes(headerLength - 20))
    payload = Array(reader.remaining)
  }

  /// The packet with its header checksum.
  public var bytes: [UInt8] {
    let headerLength = 20 + options.count
    var header: [UInt8] = [0x40 | UInt8(headerLength / 4), 0]
    header.append(bigEndian: UInt16(headerLength + payload.count))
    header.append(bigEndian: identification)
    header.append(bigEndian: (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | fragmentOffset)
    header += [timeToLive, protocolNumber.rawValue, 0, 0]
    header += source.bytes + destination.bytes + options
    header.put(bigEndian: InternetChecksum.of(header), at: 10)
    return header + payload
  }

  var pseudoHeader: PseudoHeader { .ipv4(source: source, destination: destination) }

  /// The packet with the checksum `offset` bytes into its payload left to the hardware.
  public func withPartialChecksum(at offset: Int) -> IPv4Packet {
    var packet = self
    packet.payload.put(
      bigEndian: pseudoHeader.partialSum(length: payload.count, protocolNumber: protocolNumber.rawValue), at: offset)
    return packet
  }

  /// The packet in fragments, each with `length` bytes of its payload, a multiple of eight, but for the last.
  public func fragments(of length: Int) -> [IPv4Packet] {
    stride(from: 0, to: payload.count, by: length).map { offset in
      var fragment = self
      fragment.fragmentOffset = UInt16(offset / 8)
      fragment.moreFragments = offset + length < payload.count
      fragment.payload = Array(payload[offset..<min(payload.count, offset + length)])
      return fragment
    }
  }

  public var isFragment: Bool { moreFragments || fragmentOffset != 0 }

  /// Whether the checksum of the ICMP message, UDP datagram or TCP segment within is right.
  ///
  /// A packet seen on a veth with a packet socket may not have it yet: its checksum is left to the hardware.
  public var hasValidPayloadChecksum: Bool {
    switch protocolNumber {
    case .icmp: InternetChecksum.of(payload) == 0
    case .tcp: pseudoHeader.checksum(of: payload, protocolNumber: IPProtocol.tcp.rawValue) == 0
    // A checksum of 0 says there is none.
    case .udp:
      payload.count >= 8 && payload[6] == 0 && payload[7] == 0
        || pseudoHeader.checksum(of: payload, protocolNumber: IPProtocol.udp.rawValue) == 0
    default: true
    }
  }
}

/// What an IP packet carries: IANA's "Protocol Numbers".
public struct IPProtocol: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let icmp = IPProtocol(rawValue: 1)
  public static let igmp = IPProtocol(rawValue: 2)
  public static let tcp = IPProtocol(rawValue: 6)
  public static let udp = IPProtocol(rawValue: 17)
  public static let icmpv6 = IPProtocol(rawValue: 58)
}

extension EthernetFrame {
  public static func ipv4(
    _ packet: IPv4Packet, from source: MACAddress, to destination: MACAddress
  ) -> EthernetFrame {
    EthernetFrame(destination: destination, source: source, etherType: .ipv4, payload: packet.bytes)
  }

  /// The IPv4 packet within; nil when the frame holds something else, or a broken header.
  public var ipv4: IPv4Packet? { etherType == .ipv4 ? try? IPv4Packet(parsing: payload) : nil }
}
