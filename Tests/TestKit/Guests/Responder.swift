import NetTypes

/// What a guest answers by itself: ARP requests and neighbour solicitations for its addresses, and pings.
struct Responder: Sendable {
  let mac: MACAddress
  let address: IPv4Address
  /// Those of IPv6.
  let addresses6: [IPv6Address]

  func answer(to frame: EthernetFrame) -> EthernetFrame? {
    if let request = frame.arp {
      guard request.operation == .request, request.targetIP == address else { return nil }
      let reply = ARPPacket(
        operation: .reply, senderMAC: mac, senderIP: address, targetMAC: request.senderMAC, targetIP: request.senderIP)
      return .arp(reply, from: mac, to: frame.source)
    }
    if let packet = frame.ipv6 { return answer(to: packet, from: frame.source) }
    guard frame.destination == mac, let packet = frame.ipv4, packet.destination == address,
      packet.hasValidPayloadChecksum, let reply = packet.icmp?.echoReply
    else { return nil }
    return .ipv4(.icmp(reply, from: address, to: packet.source), from: mac, to: frame.source)
  }

  private func answer(to packet: IPv6Packet, from asker: MACAddress) -> EthernetFrame? {
    guard let message = packet.icmpv6 else { return nil }
    if message.type == ICMPv6Message.neighborSolicitation, let target = message.target, addresses6.contains(target),
      !packet.source.isUnspecified
    {
      let advertisement = ICMPv6Message.neighborAdvertisement(of: target, at: mac)
      return .ipv6(.icmpv6(advertisement, from: target, to: packet.source), from: mac, to: asker)
    }
    guard message.type == ICMPv6Message.echoRequest, addresses6.contains(packet.destination) else { return nil }
    let reply = ICMPv6Message(type: ICMPv6Message.echoReply, body: message.body)
    return .ipv6(.icmpv6(reply, from: packet.destination, to: packet.source), from: mac, to: asker)
  }
}
