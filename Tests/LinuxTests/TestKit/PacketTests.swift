import NetTypes
import TestKit
import Testing

@Suite("A packet")
struct PacketTests {
  let mac = MACAddress(0x02, 0, 0, 0, 0, 0x01)
  let source = IPv4Address(192, 168, 0, 1)
  let destination = IPv4Address(192, 168, 0, 199)

  @Test("of IPv4 has the header and the checksum of a known one")
  func ipv4() throws {
    var packet = IPv4Packet(
      source: source, destination: destination, protocolNumber: .udp, payload: [UInt8](repeating: 0, count: 95))
    packet.dontFragment = true
    let known: [UInt8] = [
      0x45, 0x00, 0x00, 0x73,  // version and header length, type of service, total length
      0x00, 0x00, 0x40, 0x00,  // identification, don't fragment
      0x40, 0x11, 0xb8, 0x61,  // time to live, UDP, checksum
      0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
    ]
    #expect(Array(packet.bytes.prefix(20)) == known)
    #expect(try IPv4Packet(parsing: packet.bytes) == packet)
    #expect(try IPv4Packet(parsing: packet.bytes + [0, 0, 0]) == packet, "padding is cut off")

    var broken = packet.bytes
    broken[8] -= 1
    #expect(throws: PacketError.self) { try IPv4Packet(parsing: broken) }
  }

  @Test("of ARP is a known one")
  func arp() throws {
    let frame = EthernetFrame.arp(.request(for: destination, from: mac, source), from: mac)
    let known: [UInt8] = [
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, 0x01, 0x08, 0x06,
      0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,  // Ethernet, IPv4, 6 and 4 bytes, request
      0x02, 0, 0, 0, 0, 0x01, 192, 168, 0, 1,  // sender
      0, 0, 0, 0, 0, 0, 192, 168, 0, 199,  // target
    ]
    #expect(frame.bytes == known)
    #expect(try EthernetFrame(parsing: known) == frame)
    #expect(frame.arp == .request(for: destination, from: mac, source))
  }

  @Test("survives its own bytes, whatever it carries")
  func roundTrip() throws {
    var segment = TCPSegment(from: 1, to: 65535, flags: [.syn, .ack], sequence: .max, acknowledgement: 7)
    segment.options = [2, 4, 0x05, 0xb4]
    segment.payload = [1, 2, 3]
    let tcp = IPv4Packet.tcp(segment, from: source, to: destination)
    #expect(tcp.tcp == segment)
    #expect(tcp.hasValidPayloadChecksum)

    let datagram = UDPDatagram(from: 53, to: 40_000, payload: [1, 2, 3])
    let udp = IPv4Packet.udp(datagram, from: source, to: destination)
    #expect(udp.udp == datagram)
    #expect(udp.hasValidPayloadChecksum)
    #expect(udp.tcp == nil)

    let echo = ICMPMessage.echoRequest(identifier: 0xabcd, sequence: 0x1234, payload: [9])
    let icmp = IPv4Packet.icmp(echo, from: source, to: destination)
    #expect(icmp.icmp == echo)
    #expect(icmp.hasValidPayloadChecksum)
    #expect(icmp.icmp?.echoReply?.rest == 0xabcd_1234)
    let frame = EthernetFrame.ipv4(icmp, from: mac, to: .broadcast)
    #expect(try EthernetFrame(parsing: frame.bytes).ipv4 == icmp)
  }

  @Test("with one byte changed has a wrong checksum")
  func wrongChecksum() {
    let datagram = UDPDatagram(from: 53, to: 40_000, payload: [1, 2, 3])
    var packet = IPv4Packet.udp(datagram, from: source, to: destination)
    packet.payload[9] ^= 0x40
    #expect(!packet.hasValidPayloadChecksum)
    packet = .udp(datagram, from: source, to: destination)
    packet.source = IPv4Address(192, 168, 0, 2)
    #expect(!packet.hasValidPayloadChecksum)
  }

  @Test("cut short anywhere is an error", arguments: [true, false])
  func cutShort(isIPv4: Bool) throws {
    let datagram = UDPDatagram(from: 53, to: 40_000, payload: [])
    let bytes =
      isIPv4
      ? IPv4Packet.udp(datagram, from: source, to: destination).bytes
      : IPv6Packet.udp(datagram, from: .allNodes, to: .allRouters).bytes
    for count in 0..<bytes.count {
      let cut = Array(bytes.prefix(count))
      #expect(throws: PacketError.self) {
        if isIPv4 { _ = try IPv4Packet(parsing: cut) } else { _ = try IPv6Packet(parsing: cut) }
      }
    }
  }

  @Test("may be tagged for a VLAN, twice too")
  func vlan() {
    let frame = EthernetFrame(destination: .broadcast, source: mac, etherType: .ipv4, payload: [0x45])
    let tagged = frame.tagged(vlan: 5).tagged(vlan: 7, as: .serviceVLAN)
    #expect(Array(tagged.bytes.dropFirst(12)) == [0x88, 0xa8, 0, 7, 0x81, 0x00, 0, 5, 0x08, 0x00, 0x45])
    #expect(tagged.ipv4 == nil)
  }

  @Test("of IPv6 goes to the groups of RFC 4291 and RFC 2464")
  func ipv6() throws {
    let mac = MACAddress(0x00, 0x1b, 0x21, 0x3c, 0x9d, 0xf8)
    let address = IPv6Address.linkLocal(of: mac)
    #expect(address == (try? IPv6Address(parsing: "fe80::21b:21ff:fe3c:9df8")))
    #expect(address.solicitedNodeGroup == (try? IPv6Address(parsing: "ff02::1:ff3c:9df8")))
    let solicitation = ICMPv6Message.neighborSolicitation(for: address, from: mac)
    let packet = IPv6Packet.icmpv6(solicitation, from: address, to: address.solicitedNodeGroup)
    let frame = EthernetFrame.ipv6(packet, from: mac)
    #expect(frame.destination == MACAddress(0x33, 0x33, 0xff, 0x3c, 0x9d, 0xf8))
    #expect(frame.ipv6 == packet)
    #expect(frame.ipv6?.icmpv6 == solicitation)
    #expect(solicitation.target == address)
    #expect(packet.hopLimit == 255)
  }
}
