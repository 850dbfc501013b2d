public import NetTypes

/// A TCP segment (RFC 9293).
public struct TCPSegment: Hashable, Sendable {
  public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let fin = Flags(rawValue: 0x01)
    public static let syn = Flags(rawValue: 0x02)
    public static let rst = Flags(rawValue: 0x04)
    public static let psh = Flags(rawValue: 0x08)
    public static let ack = Flags(rawValue: 0x10)
  }

  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var sequence: UInt32
  public var acknowledgement: UInt32
  public var flags: Flags
  public var window: UInt16 = 65535
  /// Options, a multiple of 4 bytes, at most 40.
  public var options: [UInt8] = []
  public var payload: [UInt8] = []

  public init(
    from sourcePort: UInt16, to destinationPort: UInt16, flags: Flags, sequence: UInt32 = 0,
    acknowledgement: UInt32 = 0
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.flags = flags
    self.sequence = sequence
    self.acknowledgement = acknowledgement
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "TCP")
    sourcePort = try reader.uint16()
    destinationPort = try reader.uint16()
    sequence = try reader.uint32()
    acknowledgement = try reader.uint32()
    let headerLength = Int(try reader.uint8() >> 4) * 4
    flags = Flags(rawValue: try reader.uint8())
    window = try reader.uint16()
    _ = try reader.uint32()
    options = Array(try reader.bytes(headerLength - 20))
    payload = Array(reader.remaining)
  }

  /// The segment with its checksum.
  public func bytes(_ pseudoHeader: PseudoHeader) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: sourcePort)
    bytes.append(bigEndian: destinationPort)
    bytes.append(bigEndian: sequence)
    bytes.append(bigEndian: acknowledgement)
    bytes += [UInt8((20 + options.count) / 4) << 4, flags.rawValue]
    bytes.append(bigEndian: window)
    bytes += [0, 0, 0, 0] + options + payload
    bytes.put(bigEndian: pseudoHeader.checksum(of: bytes, protocolNumber: IPProtocol.tcp.rawValue), at: 16)
    return bytes
  }
}

extension IPv4Packet {
  public static func tcp(
    _ segment: TCPSegment, from source: IPv4Address, to destination: IPv4Address
  ) -> IPv4Packet {
    var packet = IPv4Packet(source: source, destination: destination, protocolNumber: .tcp, payload: [])
    packet.payload = segment.bytes(packet.pseudoHeader)
    return packet
  }

  /// The TCP segment within; nil when the packet holds something else, or a later fragment.
  public var tcp: TCPSegment? {
    protocolNumber == .tcp && fragmentOffset == 0 ? try? TCPSegment(parsing: payload) : nil
  }
}

extension IPv6Packet {
  public static func tcp(
    _ segment: TCPSegment, from source: IPv6Address, to destination: IPv6Address
  ) -> IPv6Packet {
    var packet = IPv6Packet(source: source, destination: destination, nextHeader: .tcp, payload: [])
    packet.payload = segment.bytes(packet.pseudoHeader)
    return packet
  }

  /// The TCP segment within; nil when the packet holds something else.
  public var tcp: TCPSegment? { nextHeader == .tcp ? try? TCPSegment(parsing: payload) : nil }
}
