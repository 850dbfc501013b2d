public import NetTypes
import Synchronization

extension StandInGuest {
  /// Asks by neighbour discovery who has `target`, again and again.
  /// - Parameter source: nil for the guest's own address, else its link-local one.
  /// - Returns: The MAC address of the first answer; nil when none has come within `limit`.
  public func resolve6(
    _ target: IPv6Address, from source: IPv6Address? = nil, within limit: Duration = .patience
  ) async throws -> MACAddress? {
    let request = IPv6Packet.icmpv6(
      .neighborSolicitation(for: target, from: mac), from: source ?? ipv6?.address ?? .linkLocal(of: mac),
      to: target.solicitedNodeGroup)
    let answer = try await sendRepeatedly(.ipv6(request, from: mac), within: limit) { frame in
      frame.ipv6?.icmpv6.map { $0.type == ICMPv6Message.neighborAdvertisement && $0.target == target } ?? false
    }
    return answer?.source
  }

  /// Sends echo requests to `target` by way of the gateway.
  /// - Returns: Whether an answer has come from `target` within `limit`, that of neighbour discovery included.
  public func ping6(
    _ target: IPv6Address, from source: IPv6Address? = nil, within limit: Duration = .patience
  ) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    guard let ipv6, let hop = try await resolve6(ipv6.gateway, within: limit) else { return false }
    let identifier = identifiers.wrappingAdd(1, ordering: .relaxed).newValue
    let body = [UInt8(identifier >> 8), UInt8(truncatingIfNeeded: identifier), 0, 1] + Array("tapestry".utf8)
    let own = source ?? ipv6.address
    let message = ICMPv6Message(type: ICMPv6Message.echoRequest, body: body)
    let request = EthernetFrame.ipv6(.icmpv6(message, from: own, to: target), from: mac, to: hop)
    let answer = try await sendRepeatedly(request, within: deadline - ContinuousClock.now) { frame in
      guard let packet = frame.ipv6, packet.source == target, packet.destination == own else { return false }
      return packet.icmpv6 == ICMPv6Message(type: ICMPv6Message.echoReply, body: body)
    }
    return answer != nil
  }

  /// Sends a datagram by way of the gateway until one has come back from where it was sent.
  /// - Returns: The payload of the answer; nil when none has come within `limit`, that of neighbour discovery included.
  public func exchangeUDP6(
    _ payload: [UInt8], with target: IPv6Address, port: UInt16, within limit: Duration = .patience
  ) async throws -> [UInt8]? {
    let deadline = ContinuousClock.now + limit
    guard let ipv6, let hop = try await resolve6(ipv6.gateway, within: limit) else { return nil }
    let sourcePort = ephemeralPort()
    let datagram = UDPDatagram(from: sourcePort, to: port, payload: payload)
    let request = EthernetFrame.ipv6(.udp(datagram, from: ipv6.address, to: target), from: mac, to: hop)
    let answer = try await sendRepeatedly(request, within: deadline - ContinuousClock.now) { frame in
      guard let packet = frame.ipv6, packet.source == target, packet.destination == ipv6.address, let udp = packet.udp
      else { return false }
      return udp.sourcePort == port && udp.destinationPort == sourcePort
    }
    return answer?.ipv6?.udp?.payload
  }
}
