public import NetTypes

/// A UDP datagram (RFC 768).
public struct UDPDatagram: Hashable, Sendable {
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var payload: [UInt8]

  public init(from sourcePort: UInt16, to destinationPort: UInt16, payload: [UInt8]) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.payload = payload
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "UDP")
    sourcePort = try reader.uint16()
    destinationPort = try reader.uint16()
    try reader.truncate(to: Int(try reader.uint16()) - 6)
    _ = try reader.uint16()
    payload = Array(reader.remaining)
  }

  /// The datagram with its checksum.
  public func bytes(_ pseudoHeader: PseudoHeader) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: sourcePort)
    bytes.append(bigEndian: destinationPort)
    bytes.append(bigEndian: UInt16(8 + payload.count))
    bytes += [0, 0] + payload
    let checksum = pseudoHeader.checksum(of: bytes, protocolNumber: IPProtocol.udp.rawValue)
    // 0 would say that there is none.
    bytes.put(bigEndian: checksum == 0 ? 0xffff : checksum, at: 6)
    return bytes
  }
}

extension IPv4Packet {
  public static func udp(
    _ datagram: UDPDatagram, from source: IPv4Address, to destination: IPv4Address
  ) -> IPv4Packet {
    var packet = IPv4Packet(source: source, destination: destination, protocolNumber: .udp, payload: [])
    packet.payload = datagram.bytes(packet.pseudoHeader)
    return packet
  }

  /// The UDP datagram within; nil when the packet holds something else, or a later fragment.
  public var udp: UDPDatagram? {
    protocolNumber == .udp && fragmentOffset == 0 ? try? UDPDatagram(parsing: payload) : nil
  }
}
