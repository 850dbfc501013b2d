public import NetTypes

/// An ICMPv6 message (RFC 4443), and those of Neighbor Discovery (RFC 4861).
public struct ICMPv6Message: Hashable, Sendable {
  public static let destinationUnreachable: UInt8 = 1
  public static let echoRequest: UInt8 = 128
  public static let echoReply: UInt8 = 129
  public static let routerSolicitation: UInt8 = 133
  public static let routerAdvertisement: UInt8 = 134
  public static let neighborSolicitation: UInt8 = 135
  public static let neighborAdvertisement: UInt8 = 136

  public var type: UInt8
  public var code: UInt8
  /// All that follows the checksum.
  public var body: [UInt8]

  public init(type: UInt8, code: UInt8 = 0, body: [UInt8]) {
    self.type = type
    self.code = code
    self.body = body
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "ICMPv6")
    type = try reader.uint8()
    code = try reader.uint8()
    _ = try reader.uint16()
    body = Array(reader.remaining)
  }

  /// The message with its checksum.
  public func bytes(_ pseudoHeader: PseudoHeader) -> [UInt8] {
    var bytes = [type, code, 0, 0] + body
    bytes.put(bigEndian: pseudoHeader.checksum(of: bytes, protocolNumber: IPProtocol.icmpv6.rawValue), at: 2)
    return bytes
  }
}

extension ICMPv6Message {
  /// Asks who has `target` (RFC 4861, 4.3).
  public static func neighborSolicitation(for target: IPv6Address, from mac: MACAddress) -> ICMPv6Message {
    ICMPv6Message(
      type: neighborSolicitation, body: [0, 0, 0, 0] + target.bytes + linkLayerOption(sourceOption, mac))
  }

  /// Claims that `target` is at `mac`, overriding what was known (RFC 4861, 4.4).
  public static func neighborAdvertisement(
    of target: IPv6Address, at mac: MACAddress, isAnswer: Bool = true
  ) -> ICMPv6Message {
    ICMPv6Message(
      type: neighborAdvertisement,
      body: [isAnswer ? 0x60 : 0x20, 0, 0, 0] + target.bytes + linkLayerOption(targetOption, mac))
  }

  /// Claims to be a default router for `lifetime` seconds, and that hosts may make themselves addresses in the
  /// 64 bit prefix of `prefix` (RFC 4861, 4.2 and 4.6.2).
  public static func routerAdvertisement(
    from mac: MACAddress, lifetime: UInt16 = 1800, prefix: IPv6Address? = nil
  ) -> ICMPv6Message {
    var body: [UInt8] = [64, 0]
    body.append(bigEndian: lifetime)
    body += [0, 0, 0, 0, 0, 0, 0, 0] + linkLayerOption(sourceOption, mac)
    if let prefix {
      // On-link and autonomous, valid and preferred for an hour.
      body += [3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0, 0, 0x0e, 0x10, 0, 0, 0, 0] + prefix.bytes
    }
    return ICMPv6Message(type: routerAdvertisement, body: body)
  }

  /// Asks for router advertisements (RFC 4861, 4.1).
  public static func routerSolicitation(from mac: MACAddress) -> ICMPv6Message {
    ICMPv6Message(type: routerSolicitation, body: [0, 0, 0, 0] + linkLayerOption(sourceOption, mac))
  }

  /// The address a neighbor solicitation or advertisement is about; nil for any other message.
  public var target: IPv6Address? {
    guard type == Self.neighborSolicitation || type == Self.neighborAdvertisement, body.count >= 20 else { return nil }
    return IPv6Address(bytes: body[4..<20])
  }

  private static let sourceOption: UInt8 = 1
  private static let targetOption: UInt8 = 2

  private static func linkLayerOption(_ type: UInt8, _ mac: MACAddress) -> [UInt8] { [type, 1] + mac.octets }
}

extension IPv6Packet {
  /// A packet with `message`; of hop limit 255, without which Neighbor Discovery is not heard.
  public static func icmpv6(
    _ message: ICMPv6Message, from source: IPv6Address, to destination: IPv6Address
  ) -> IPv6Packet {
    var packet = IPv6Packet(source: source, destination: destination, nextHeader: .icmpv6, hopLimit: 255, payload: [])
    packet.payload = message.bytes(packet.pseudoHeader)
    return packet
  }

  /// The ICMPv6 message within; nil when the packet holds something else.
  public var icmpv6: ICMPv6Message? { nextHeader == .icmpv6 ? try? ICMPv6Message(parsing: payload) : nil }
}
