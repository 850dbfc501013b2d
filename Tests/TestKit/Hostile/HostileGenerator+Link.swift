import NetTypes

extension HostileGenerator {
  /// ARP of all operations, with a lie or none.
  mutating func arp() -> EthernetFrame {
    let operation: UInt16 = one(of: [1, 1, 1, 2, 2, 3, 4, 8, 9, number(0, 5, 256)])
    let sender =
      chance(55) ? world.own : HostileWorld.Party(mac: chance(50) ? world.own.mac : macAddress(), address: address4())
    let target = address4()
    note("ARP \(operation): \(sender.address) at \(sender.mac), for \(target)")
    var bytes: [UInt8] =
      chance(90)
      ? [0, 1, 8, 0, 6, 4]
      : one(of: [[0, 6, 8, 0, 6, 4], [0, 1, 8, 0, 6, 16], [0, 1, 0x86, 0xdd, 6, 4], [0, 1, 8, 0, 8, 4]])
    bytes.append(bigEndian: operation)
    bytes += sender.mac.octets + sender.address.bytes + macAddress().octets + target.bytes + filler()
    let destination = chance(50) ? .broadcast : one(of: [world.gateway.mac, world.neighbor.mac])
    return EthernetFrame(
      destination: destination, source: world.own.mac, etherType: .arp, payload: bytes)
  }

  /// A message of DHCP, of a client's or a server's (RFC 2131).
  mutating func dhcp() -> EthernetFrame {
    let kind: DHCPMessage.Kind = one(of: [.discover, .request, .decline, .release, .offer, .acknowledge, .refuse])
    let client = chance(50) ? world.own.mac : world.neighbor.mac
    var message = DHCPMessage(kind, transaction: 7, of: client)
    if chance(50) { message.clientAddress = chance(50) ? world.neighbor.address : world.own.address }
    message.requested = chance(50) ? world.neighbor.address : nil
    message.server = chance(70) ? world.gateway.address : nil
    var bytes = message.bytes
    if chance(40) { bytes[10] = 0x80 }
    if chance(25) { bytes.replaceSubrange(24..<28, with: address4().bytes) }
    if chance(10) {
      // Hardware addresses of another kind or length.
      bytes[1] = one(of: [0, 1, 6, 32])
      bytes[2] = one(of: [0, 1, 8, 16, 255])
    }
    // In the server's name, which nobody reads.
    bytes.replaceSubrange(44..<60, with: mark.bytes + mark.bytes)
    let ports: (UInt16, UInt16) = one(of: [(68, 67), (68, 67), (67, 67), (67, 68), (40_000, 67), (40_000, 68)])
    let source = one(of: [IPv4Address(0, 0, 0, 0), world.own.address, world.own.address, address4()])
    let target = one(of: [
      IPv4Address(255, 255, 255, 255), IPv4Address(255, 255, 255, 255), world.gateway.address, address4(),
    ])
    note("DHCP \(kind) of \(client), \(source):\(ports.0)→\(target):\(ports.1)")
    var packet = IPv4Packet.udp(UDPDatagram(from: ports.0, to: ports.1, payload: bytes), from: source, to: target)
    if chance(20) {
      note("only its first fragment")
      packet.payload.put(bigEndian: 0, at: 6)
      packet = packet.part(0, one(of: [24, 32, 40, 56, 80]))
    } else if chance(10) {
      note("cut")
      packet.payload.removeLast(Int.random(in: 0..<packet.payload.count - 60, using: &random))
    }
    return .ipv4(packet, from: world.own.mac, to: target == world.gateway.address ? world.gateway.mac : .broadcast)
  }

  /// What is none of ARP and IP, or hides them: 802.3 with LLC and SNAP, PPPoE, MPLS, spanning tree, 802.1X, …
  mutating func otherLink() -> EthernetFrame {
    let inner = IPv4Packet.udp(
      UDPDatagram(from: 40_000, to: port(), payload: filler()), from: chance(60) ? world.own.address : address4(),
      to: address4()
    ).bytes
    let choices: [(UInt16, [UInt8], String)] = [
      (UInt16(8 + inner.count), [0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + inner, "SNAP with IPv4"),
      (38, [0x42, 0x42, 3, 0, 0, 0, 0, 0] + filler(), "spanning tree"),
      (3 + 16, [0xf0, 0xf0, 3] + filler(), "LLC"),
      (0x8864, [0x11, 0, 0, 1] + [0, UInt8(truncatingIfNeeded: inner.count + 2), 0, 0x21] + inner, "PPPoE with IPv4"),
      (0x8863, [0x11, 9, 0, 0, 0, 0] + filler(), "PPPoE discovery"),
      (0x8847, [0, 0, 0x11, 64] + inner, "MPLS with IPv4"),
      (0x88cc, filler(), "LLDP"),
      (0x888e, [2, 1, 0, 0] + filler(), "802.1X"),
      (0x8035, filler(), "RARP"),
      (0x9000, filler(), "loopback"),
      (0x88e5, filler(), "MACsec"),
      (0x8906, filler(), "FCoE"),
      (0x6558, [UInt8](world.neighbor.mac.octets) + world.own.mac.octets + [8, 0] + inner, "Ethernet in Ethernet"),
      (number(0x0600, 0x05ff, 0x0101, 0x8808), filler(), "any type"),
    ]
    let (type, payload, name) = one(of: choices)
    note(name)
    return EthernetFrame(
      destination: chance(40) ? .broadcast : macAddress(), source: world.own.mac, etherType: EtherType(rawValue: type),
      payload: payload)
  }
}
