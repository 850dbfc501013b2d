public import NetTypes

/// An ICMP message (RFC 792).
public struct ICMPMessage: Hashable, Sendable {
  public static let echoReply: UInt8 = 0
  public static let destinationUnreachable: UInt8 = 3
  public static let redirect: UInt8 = 5
  public static let echoRequest: UInt8 = 8
  public static let timeExceeded: UInt8 = 11

  public var type: UInt8
  public var code: UInt8
  /// Bytes 4–7, in host byte order: identifier and sequence of an echo, the gateway of a redirect.
  public var rest: UInt32
  public var payload: [UInt8]

  public init(type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, payload: [UInt8] = []) {
    self.type = type
    self.code = code
    self.rest = rest
    self.payload = payload
  }

  public static func echoRequest(identifier: UInt16, sequence: UInt16, payload: [UInt8] = []) -> ICMPMessage {
    ICMPMessage(type: echoRequest, rest: UInt32(identifier) << 16 | UInt32(sequence), payload: payload)
  }

  /// The answer to an echo request; nil for any other message.
  public var echoReply: ICMPMessage? {
    type == Self.echoRequest ? ICMPMessage(type: Self.echoReply, rest: rest, payload: payload) : nil
  }

  public init(parsing bytes: [UInt8]) throws(PacketError) {
    var reader = PacketReader(bytes, of: "ICMP")
    type = try reader.uint8()
    code = try reader.uint8()
    _ = try reader.uint16()
    rest = try reader.uint32()
    payload = Array(reader.remaining)
  }

  /// The message with its checksum.
  public var bytes: [UInt8] {
    var bytes = [type, code, 0, 0]
    bytes.append(bigEndian: rest)
    bytes += payload
    bytes.put(bigEndian: InternetChecksum.of(bytes), at: 2)
    return bytes
  }
}

extension IPv4Packet {
  public static func icmp(
    _ message: ICMPMessage, from source: IPv4Address, to destination: IPv4Address
  ) -> IPv4Packet {
    IPv4Packet(source: source, destination: destination, protocolNumber: .icmp, payload: message.bytes)
  }

  /// The ICMP message within; nil when the packet holds something else, or a later fragment.
  public var icmp: ICMPMessage? {
    protocolNumber == .icmp && fragmentOffset == 0 ? try? ICMPMessage(parsing: payload) : nil
  }
}
