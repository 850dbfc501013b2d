import NetTypes

/// What a guest answers by itself: ARP requests for its address, and pings.
struct Responder: Sendable {
  let mac: MACAddress
  let address: IPv4Address

  func answer(to frame: EthernetFrame) -> EthernetFrame? {
    if let request = frame.arp {
      guard request.operation == .request, request.targetIP == address else { return nil }
      let reply = ARPPacket(
        operation: .reply, senderMAC: mac, senderIP: address, targetMAC: request.senderMAC, targetIP: request.senderIP)
      return .arp(reply, from: mac, to: frame.source)
    }
    guard frame.destination == mac, let packet = frame.ipv4, packet.destination == address,
      packet.hasValidPayloadChecksum, let reply = packet.icmp?.echoReply
    else { return nil }
    return .ipv4(.icmp(reply, from: address, to: packet.source), from: mac, to: frame.source)
  }
}
