public import NetTypes

/// What is said in the same way in both families.
extension EthernetFrame {
  /// A datagram, between addresses of one family.
  public static func udp(
    _ datagram: UDPDatagram, from source: IPAddress, to target: IPAddress, by mac: MACAddress, at hop: MACAddress
  ) -> EthernetFrame {
    switch pair(source, target) {
    case .v4(let source, let target): .ipv4(.udp(datagram, from: source, to: target), from: mac, to: hop)
    case .v6(let source, let target): .ipv6(.udp(datagram, from: source, to: target), from: mac, to: hop)
    }
  }

  /// A segment, between addresses of one family.
  public static func tcp(
    _ segment: TCPSegment, from source: IPAddress, to target: IPAddress, by mac: MACAddress, at hop: MACAddress
  ) -> EthernetFrame {
    switch pair(source, target) {
    case .v4(let source, let target): .ipv4(.tcp(segment, from: source, to: target), from: mac, to: hop)
    case .v6(let source, let target): .ipv6(.tcp(segment, from: source, to: target), from: mac, to: hop)
    }
  }

  /// An echo request, between addresses of one family.
  public static func echoRequest(
    _ identifier: UInt16, _ payload: [UInt8], from source: IPAddress, to target: IPAddress, by mac: MACAddress,
    at hop: MACAddress
  ) -> EthernetFrame {
    switch pair(source, target) {
    case .v4(let source, let target):
      let message = ICMPMessage.echoRequest(identifier: identifier, sequence: 1, payload: payload)
      return .ipv4(.icmp(message, from: source, to: target), from: mac, to: hop)
    case .v6(let source, let target):
      let body = [UInt8(identifier >> 8), UInt8(truncatingIfNeeded: identifier), 0, 1] + payload
      let message = ICMPv6Message(type: ICMPv6Message.echoRequest, body: body)
      return .ipv6(.icmpv6(message, from: source, to: target), from: mac, to: hop)
    }
  }

  /// A packet of a protocol that has no ports, between addresses of one family.
  public static func packet(
    of number: IPProtocol, _ payload: [UInt8], from source: IPAddress, to target: IPAddress, by mac: MACAddress,
    at hop: MACAddress
  ) -> EthernetFrame {
    switch pair(source, target) {
    case .v4(let source, let target):
      .ipv4(
        IPv4Packet(source: source, destination: target, protocolNumber: number, payload: payload), from: mac, to: hop)
    case .v6(let source, let target):
      .ipv6(IPv6Packet(source: source, destination: target, nextHeader: number, payload: payload), from: mac, to: hop)
    }
  }

  /// Sender and receiver of the packet within; nil when the frame holds none.
  public var addresses: (source: IPAddress, destination: IPAddress)? {
    ipv4.map { (.v4($0.source), .v4($0.destination)) } ?? ipv6.map { (.v6($0.source), .v6($0.destination)) }
  }

  /// The datagram within; nil when the frame holds something else, or its checksum is wrong.
  public var udp: UDPDatagram? {
    if let ipv4 { return ipv4.hasValidPayloadChecksum ? ipv4.udp : nil }
    return ipv6.flatMap { $0.hasValidPayloadChecksum ? $0.udp : nil }
  }

  /// The segment within; nil when the frame holds something else, or its checksum is wrong.
  public var tcp: TCPSegment? {
    if let ipv4 { return ipv4.hasValidPayloadChecksum ? ipv4.tcp : nil }
    return ipv6.flatMap { $0.hasValidPayloadChecksum ? $0.tcp : nil }
  }

  /// Whether this is an answer to an echo request.
  public var isEchoReply: Bool {
    ipv4?.icmp?.type == ICMPMessage.echoReply || ipv6?.icmpv6?.type == ICMPv6Message.echoReply
  }

  /// Whether this is the answer to an echo request of this identifier and payload.
  public func isEchoReply(_ identifier: UInt16, _ payload: [UInt8]) -> Bool {
    if let ipv4 {
      let request = ICMPMessage.echoRequest(identifier: identifier, sequence: 1, payload: payload)
      return ipv4.hasValidPayloadChecksum && ipv4.icmp == request.echoReply
    }
    guard let ipv6, ipv6.hasValidPayloadChecksum else { return false }
    let body = [UInt8(identifier >> 8), UInt8(truncatingIfNeeded: identifier), 0, 1] + payload
    return ipv6.icmpv6 == ICMPv6Message(type: ICMPv6Message.echoReply, body: body)
  }

  /// The code of the "destination unreachable" within, if it quotes a packet between these addresses from a port; nil of
  /// anything else.
  func unreachableCode(from source: IPAddress, port: UInt16, to target: IPAddress) -> UInt8? {
    let (code, quoted, length): (UInt8, [UInt8], Int)
    if let ipv4, ipv4.hasValidPayloadChecksum, let message = ipv4.icmp {
      guard message.type == ICMPMessage.destinationUnreachable else { return nil }
      // The header, without options, and 8 bytes of what the packet carried (RFC 792).
      (code, quoted, length) = (message.code, message.payload, 20)
    } else if let ipv6, ipv6.hasValidPayloadChecksum, let message = ipv6.icmpv6 {
      guard message.type == ICMPv6Message.destinationUnreachable else { return nil }
      // As much as fits, behind an unused word (RFC 4443, 3.1).
      (code, quoted, length) = (message.code, Array(message.body.dropFirst(4)), 40)
    } else {
      return nil
    }
    let addresses = source.bytes + target.bytes
    guard quoted.count >= length + 8, Array(quoted[length - addresses.count..<length]) == addresses,
      UInt16(quoted[length]) << 8 | UInt16(quoted[length + 1]) == port
    else { return nil }
    return code
  }

  private enum Pair {
    case v4(IPv4Address, IPv4Address)
    case v6(IPv6Address, IPv6Address)
  }

  private static func pair(_ source: IPAddress, _ target: IPAddress) -> Pair {
    switch (source, target) {
    case (.v4(let source), .v4(let target)): .v4(source, target)
    case (.v6(let source), .v6(let target)): .v6(source, target)
    case (.v4, .v6), (.v6, .v4): preconditionFailure("no packet goes from \(source) to \(target)")
    }
  }
}
