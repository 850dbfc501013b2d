public import NetTypes

/// An IPv6 packet without extension headers (RFC 8200).
public struct IPv6Packet: Hashable, Sendable {
  public var source: IPv6Address
  public var destination: IPv6Address
  /// Traffic class and flow label, of 8 and 20 bits.
  public var flow: UInt32 = 0
  public var nextHeader: IPProtocol
  public var hopLimit: UInt8
  public var payload: [UInt8]

  public init(
    source: IPv6Address, destination: IPv6Address, nextHeader: IPProtocol, hopLimit: UInt8 = 64, payload: [UInt8]
  ) {
    self.source = source
    self.destination = destination
    self.nextHeader = nextHeader
    self.hopLimit = hopLimit
    self.payload = payload
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "IPv6")
    let first = try reader.uint32()
    guard first >> 28 == 6 else { throw PacketError("not an IPv6 header") }
    flow = first & 0x0fff_ffff
    let length = Int(try reader.uint16())
    nextHeader = IPProtocol(rawValue: try reader.uint8())
    hopLimit = try reader.uint8()
    source = try reader.ipv6Address()
    destination = try reader.ipv6Address()
    try reader.truncate(to: length)
    payload = Array(reader.remaining)
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: 6 << 28 | flow)
    bytes.append(bigEndian: UInt16(payload.count))
    bytes += [nextHeader.rawValue, hopLimit]
    return bytes + source.bytes + destination.bytes + payload
  }

  var pseudoHeader: PseudoHeader { .ipv6(source: source, destination: destination) }
}

extension IPv6Packet {
  /// The packet in fragments (RFC 8200, 4.5), each with `length` bytes of it, a multiple of eight, but for the last.
  public func fragments(of length: Int, identification: UInt32 = 7) -> [IPv6Packet] {
    stride(from: 0, to: max(payload.count, 1), by: length).map { offset in
      fragment(from: offset, to: min(payload.count, offset + length), identification: identification)
    }
  }

  /// The part of the packet between two bytes of its payload, as a fragment; to its end where nothing else is said.
  public func fragment(from start: Int, to end: Int? = nil, identification: UInt32 = 7) -> IPv6Packet {
    let end = end ?? payload.count
    var fragment = self
    fragment.nextHeader = IPProtocol(rawValue: 44)
    fragment.payload = [nextHeader.rawValue, 0]
    fragment.payload.append(bigEndian: UInt16(start) | (end < payload.count ? 1 : 0))
    fragment.payload.append(bigEndian: identification)
    fragment.payload += payload[start..<end]
    return fragment
  }

  /// With `count` eights of padding in a header of destination options before the payload (RFC 8200, 4.6).
  public func withDestinationOptions(_ count: Int = 1) -> IPv6Packet {
    var packet = self
    packet.nextHeader = IPProtocol(rawValue: 60)
    // PadN over all that is left.
    let padding = [1, UInt8(8 * count - 4)] + [UInt8](repeating: 0, count: 8 * count - 4)
    packet.payload = [nextHeader.rawValue, UInt8(count - 1)] + padding + payload
    return packet
  }

  /// Whether the checksum of the ICMPv6 message, UDP datagram or TCP segment right behind the header is right.
  public var hasValidPayloadChecksum: Bool {
    guard [.icmpv6, .tcp, .udp].contains(nextHeader) else { return true }
    return pseudoHeader.checksum(of: payload, protocolNumber: nextHeader.rawValue) == 0
  }

  /// The UDP datagram within; nil when the packet holds something else.
  public var udp: UDPDatagram? { nextHeader == .udp ? try? UDPDatagram(parsing: payload) : nil }

  public static func udp(
    _ datagram: UDPDatagram, from source: IPv6Address, to destination: IPv6Address
  ) -> IPv6Packet {
    var packet = IPv6Packet(source: source, destination: destination, nextHeader: .udp, payload: [])
    packet.payload = datagram.bytes(packet.pseudoHeader)
    return packet
  }
}

extension EthernetFrame {
  /// A frame for `packet`; without `destination`, for the group it is sent to (RFC 2464, 7).
  public static func ipv6(
    _ packet: IPv6Packet, from source: MACAddress, to destination: MACAddress? = nil
  ) -> EthernetFrame {
    EthernetFrame(
      destination: destination ?? packet.destination.multicastMAC, source: source, etherType: .ipv6,
      payload: packet.bytes)
  }

  /// The IPv6 packet within; nil when the frame holds something else.
  public var ipv6: IPv6Packet? { etherType == .ipv6 ? try? IPv6Packet(parsing: payload) : nil }
}

extension IPv6Address {
  /// ff02::1 (RFC 4291, 2.7.1).
  public static let allNodes = IPv6Address(rawValue: 0xff02 << 112 | 1)
  /// ff02::2 (RFC 4291, 2.7.1).
  public static let allRouters = IPv6Address(rawValue: 0xff02 << 112 | 2)

  /// The group in which the owner of this address listens for questions about it (RFC 4291, 2.7.1).
  public var solicitedNodeGroup: IPv6Address {
    IPv6Address(rawValue: 0xff02 << 112 | 0x1_ff00_0000 | rawValue & 0xff_ffff)
  }

  /// 33:33 and the last four bytes (RFC 2464, 7).
  public var multicastMAC: MACAddress {
    let (a, b) = (UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16))
    return MACAddress(0x33, 0x33, a, b, UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue))
  }
}
