public import NetTypes
import Synchronization

extension StandInGuest {
  /// Nobody has told the guest a MAC address to send to.
  public struct Unreachable: Error, CustomStringConvertible {
    public let target: IPv4Address

    public var description: String { "nothing answers ARP requests on the way to \(target)" }
  }

  /// Sends one UDP datagram.
  /// - Throws: `Unreachable` when ARP finds nobody to hand it to within `limit`.
  public func sendUDP(
    _ payload: [UInt8], to target: IPv4Address, port: UInt16, from sourcePort: UInt16 = 40_000,
    within limit: Duration = .patience
  ) async throws {
    guard let hop = try await nextHop(to: target, within: limit) else { throw Unreachable(target: target) }
    let datagram = UDPDatagram(from: sourcePort, to: port, payload: payload)
    try send(.ipv4(.udp(datagram, from: address, to: target), from: mac, to: hop))
  }

  /// Takes the first UDP datagram for the guest's address and `port`, of any port when nil, out of `arrivals`.
  /// - Returns: nil when none with a right checksum has come within `limit`.
  public func receiveUDP(port: UInt16? = nil, within limit: Duration = .patience) async -> Datagram? {
    let frame = await received(within: limit) { [mac, address] frame in
      guard frame.destination == mac, let packet = frame.ipv4, packet.destination == address, let udp = packet.udp
      else { return false }
      return packet.hasValidPayloadChecksum && (port == nil || udp.destinationPort == port)
    }
    guard let packet = frame?.ipv4, let udp = packet.udp else { return nil }
    return Datagram(
      source: Endpoint(packet.source, udp.sourcePort), destination: Endpoint(packet.destination, udp.destinationPort),
      payload: udp.payload)
  }

  /// Sends a datagram until one has come back from where it was sent.
  /// - Returns: The payload of the answer; nil when none has come within `limit`.
  public func exchangeUDP(
    _ payload: [UInt8], with target: IPv4Address, port: UInt16, within limit: Duration = .patience
  ) async throws -> [UInt8]? {
    let deadline = ContinuousClock.now + limit
    guard let hop = try await nextHop(to: target, within: limit) else { return nil }
    let sourcePort = ephemeralPort()
    let datagram = UDPDatagram(from: sourcePort, to: port, payload: payload)
    let frame = EthernetFrame.ipv4(.udp(datagram, from: address, to: target), from: mac, to: hop)
    let answer = try await sendRepeatedly(frame, within: deadline - ContinuousClock.now) { [mac, address] frame in
      guard frame.destination == mac, let packet = frame.ipv4, packet.source == target, packet.destination == address,
        let udp = packet.udp
      else { return false }
      return packet.hasValidPayloadChecksum && udp.sourcePort == port && udp.destinationPort == sourcePort
    }
    return answer?.ipv4?.udp?.payload
  }

  /// What answers the first segment of a TCP connection.
  public enum TCPAnswer: Hashable, Sendable {
    /// SYN and ACK: somebody listens.
    case accepted
    /// RST.
    case refused
    /// An ICMP "destination unreachable" with this code, as a `reject` rule sends it.
    case unreachable(code: UInt8)
    /// Nothing within the time.
    case silence
  }

  /// Asks for a TCP connection and tells what answers; one that was accepted is reset at once.
  public func probeTCP(
    _ target: IPv4Address, port: UInt16, within limit: Duration = .patience
  ) async throws -> TCPAnswer {
    let deadline = ContinuousClock.now + limit
    guard let hop = try await nextHop(to: target, within: limit) else { return .silence }
    let sourcePort = ephemeralPort()
    let sequence: UInt32 = 0x5eed_0000
    var syn = TCPSegment(from: sourcePort, to: port, flags: .syn, sequence: sequence)
    // A maximum segment size of 1460.
    syn.options = [2, 4, 0x05, 0xb4]
    let frame = EthernetFrame.ipv4(.tcp(syn, from: address, to: target), from: mac, to: hop)
    let answer = try await sendRepeatedly(frame, within: deadline - ContinuousClock.now) { [mac, address] frame in
      guard frame.destination == mac, let packet = frame.ipv4, packet.destination == address,
        packet.hasValidPayloadChecksum
      else { return false }
      if let tcp = packet.tcp {
        return packet.source == target && tcp.sourcePort == port && tcp.destinationPort == sourcePort
      }
      return packet.icmp?.quotes(source: address, port: sourcePort, of: target) ?? false
    }
    guard let packet = answer?.ipv4 else { return .silence }
    if let icmp = packet.icmp { return .unreachable(code: icmp.code) }
    guard let tcp = packet.tcp, tcp.flags.contains([.syn, .ack]) else { return .refused }
    let reset = TCPSegment(from: sourcePort, to: port, flags: .rst, sequence: tcp.acknowledgement)
    try send(.ipv4(.tcp(reset, from: address, to: target), from: mac, to: hop))
    return .accepted
  }

  func ephemeralPort() -> UInt16 {
    49_152 + identifiers.wrappingAdd(1, ordering: .relaxed).newValue % 16_384
  }
}

extension ICMPMessage {
  /// Whether this says that a packet from `source` and `port` to `target` was not delivered.
  fileprivate func quotes(source: IPv4Address, port: UInt16, of target: IPv4Address) -> Bool {
    // The header, without options, and 8 bytes of what the packet carried (RFC 792).
    guard type == Self.destinationUnreachable, payload.count >= 28 else { return false }
    return Array(payload[12..<20]) == source.bytes + target.bytes
      && UInt16(payload[20]) << 8 | UInt16(payload[21]) == port
  }
}
