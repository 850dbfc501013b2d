import NetTypes
import TestKit
import Testing

@Suite("Of what has arrived somewhere, the verdict on a hostile guest")
struct VerdictTests {
  private static let own = HostileWorld.Party(
    mac: MACAddress(2, 0, 0, 0, 0, 1), address: IPv4Address(172, 30, 0, 2),
    address6: "2001:db8:7::2")
  private static let neighbor = HostileWorld.Party(
    mac: MACAddress(2, 0, 0, 0, 0, 2), address: IPv4Address(172, 30, 0, 3),
    address6: "2001:db8:7::3")
  private static let gateway = HostileWorld.Party(
    mac: MACAddress(2, 0, 0, 0, 0, 9), address: IPv4Address(172, 30, 0, 1),
    address6: "fe80::1")
  private static let host = IPv4Address(198, 51, 100, 1)
  private static let server = IPv4Address(198, 51, 100, 2)
  private static let mark = FrameMark(77)
  private static let victim = HostileWorld.Flow(.tcp, Endpoint(host, 50_000), Endpoint(server, 80))

  private static func rights(
    _ reach: HostileRights.Reach = .nothing, interVM: Bool = false
  ) throws -> HostileRights {
    let uplink = HostileWorld.Party(mac: MACAddress(2, 0, 0, 0, 1, 1), address: host)
    let outside = HostileWorld.Party(mac: MACAddress(2, 0, 0, 0, 1, 2), address: server)
    let world = HostileWorld(
      own: own, outer: own.address, neighbor: neighbor,
      stranger: .init(mac: MACAddress(2, 0, 0, 0, 0, 3), address: IPv4Address(172, 30, 1, 2)), gateway: gateway,
      subnet: try IPv4Prefix(containing: own.address, prefixLength: 24), host: uplink, hostInPrefix: nil,
      server: outside, far: outside, publishedPorts: [8053], allowedPorts: [443], flows: [victim], fragmented: [])
    return HostileRights(
      world: world, reach: reach, allowed: [.init(.udp, .v4(server), 443)], sources: [.v4(host)],
      reachesNeighbors: interVM, isBridged: true, published: [], hasNames: false)
  }

  private static func udp(
    from source: IPv4Address, _ mac: MACAddress = own.mac, to target: IPv4Address, port: UInt16,
    marked: Bool = true, change: (inout IPv4Packet) -> Void = { _ in }
  ) -> [UInt8] {
    let datagram = UDPDatagram(from: 40_000, to: port, payload: marked ? mark.bytes : [])
    var packet = IPv4Packet.udp(datagram, from: source, to: target)
    change(&packet)
    return EthernetFrame.ipv4(packet, from: mac, to: .broadcast).bytes
  }

  @Test("outside goes by source, destination and port")
  func outside() throws {
    let (none, internet) = (try Self.rights(), try Self.rights(.internet))
    #expect(none.violation(by: Self.udp(from: Self.host, to: Self.server, port: 443), at: .internet) == nil)
    #expect(none.violation(by: Self.udp(from: Self.host, to: Self.server, port: 514), at: .internet) != nil)
    #expect(internet.violation(by: Self.udp(from: Self.host, to: Self.server, port: 514), at: .internet) == nil)
    #expect(internet.violation(by: Self.udp(from: Self.own.address, to: Self.server, port: 443), at: .internet) != nil)
    let metadata = IPv4Address(169, 254, 169, 254)
    #expect(internet.violation(by: Self.udp(from: Self.host, to: metadata, port: 80), at: .internet) != nil)
    let routed = Self.udp(from: Self.host, to: Self.server, port: 443) { $0.options = [131, 7, 4, 10, 0, 0, 1, 0] }
    #expect(none.violation(by: routed, at: .internet) == "leaves with a source route")
    var broken = Self.udp(from: Self.host, to: Self.server, port: 443)
    broken[33] ^= 1
    #expect(none.violation(by: broken, at: .internet)?.contains("after it was judged") == true)
    // Of nobody who lies.
    let beacon = UDPDatagram(from: 40_000, to: 9, payload: Array("beacon-7".utf8))
    let frame = EthernetFrame.ipv4(.udp(beacon, from: Self.host, to: Self.server), from: Self.own.mac, to: .broadcast)
    #expect(none.violation(by: frame.bytes, at: .internet) == nil)
  }

  private static func error(_ quoted: HostileWorld.Flow) -> [UInt8] {
    let ports = [UInt8(quoted.one.port >> 8), UInt8(quoted.one.port & 255)]
    let others = [UInt8(quoted.other.port >> 8), UInt8(quoted.other.port & 255)]
    let inner = IPv4Packet(
      source: quoted.one.address, destination: quoted.other.address, protocolNumber: quoted.protocolNumber,
      payload: ports + others + [0, 0, 0, 0])
    let message = ICMPMessage(type: 3, code: 4, rest: 600, payload: inner.bytes + mark.bytes)
    return EthernetFrame.ipv4(
      .icmp(message, from: host, to: quoted.one.address), from: own.mac, to: .broadcast
    ).bytes
  }

  @Test("of an error goes by whose connection it quotes")
  func errors() throws {
    let own = HostileWorld.Flow(.udp, Endpoint(Self.server, 443), Endpoint(Self.host, 40_000))
    #expect(try Self.rights().violation(by: Self.error(own), at: .internet) == nil)
    #expect(try Self.rights(.all).violation(by: Self.error(Self.victim.reversed), at: .internet) != nil)
    let nobody = HostileWorld.Flow(.udp, Endpoint(Self.server, 9), Endpoint(Self.host, 40_000))
    #expect(try Self.rights().violation(by: Self.error(nobody), at: .internet) != nil)
  }

  @Test("between guests is that nothing passes, or what is its sender's own")
  func neighbors() throws {
    let (isolated, open) = (try Self.rights(.all), try Self.rights(.all, interVM: true))
    let plain = Self.udp(from: Self.own.address, to: Self.neighbor.address, port: 7)
    #expect(isolated.violation(by: plain, at: .neighbor) == "reaches its neighbour")
    #expect(open.violation(by: plain, at: .neighbor) == nil)
    #expect(open.violation(by: plain, at: .stranger) != nil)
    for bytes in [
      Self.udp(from: Self.gateway.address, to: Self.neighbor.address, port: 7),
      Self.udp(from: Self.own.address, Self.neighbor.mac, to: Self.neighbor.address, port: 7),
      Self.udp(from: Self.own.address, to: Self.neighbor.address, port: 68),
      (try EthernetFrame(parsing: plain)).tagged(vlan: 1).bytes,
    ] {
      #expect(open.violation(by: bytes, at: .neighbor) != nil, "\(bytes.hex)")
    }
    // The host's own.
    let host = Self.udp(from: Self.gateway.address, Self.gateway.mac, to: Self.neighbor.address, port: 7, marked: false)
    #expect(isolated.violation(by: host, at: .neighbor) == nil)
    #expect(isolated.violation(by: host, at: .own) == "hears what is for another")
  }

  @Test("of ARP and of neighbour discovery goes by what they say, and the frame's sender")
  func discovery() throws {
    let open = try Self.rights(.all, interVM: true)
    func arp(_ address: IPv4Address, at mac: MACAddress) -> [UInt8] {
      EthernetFrame.arp(.announcement(of: address, at: mac), from: Self.own.mac).bytes
    }
    #expect(open.violation(by: arp(Self.own.address, at: Self.own.mac), at: .neighbor) == nil)
    #expect(open.violation(by: arp(Self.gateway.address, at: Self.own.mac), at: .neighbor) == "ARP in another's name")
    #expect(open.violation(by: arp(Self.own.address, at: Self.gateway.mac), at: .neighbor) == "ARP in another's name")
    func six(_ message: ICMPv6Message) -> [UInt8] {
      EthernetFrame.ipv6(
        .icmpv6(message, from: Self.own.address6 ?? .allNodes, to: .allNodes), from: Self.own.mac
      ).bytes
    }
    let (mine, others) = (Self.own.address6 ?? .allNodes, Self.neighbor.address6 ?? .allNodes)
    #expect(open.violation(by: six(.neighborAdvertisement(of: mine, at: Self.own.mac)), at: .neighbor) == nil)
    for message in [
      ICMPv6Message.neighborAdvertisement(of: mine, at: Self.gateway.mac),
      .neighborAdvertisement(of: others, at: Self.own.mac), .neighborSolicitation(for: others, from: Self.gateway.mac),
      .routerAdvertisement(from: Self.own.mac), ICMPv6Message(type: 137, body: [UInt8](repeating: 0, count: 36)),
    ] {
      #expect(open.violation(by: six(message), at: .neighbor) != nil, "\(message)")
    }
    let answer = ARPPacket(
      operation: .reply, senderMAC: Self.gateway.mac, senderIP: IPv4Address(127, 0, 0, 1), targetMAC: Self.own.mac,
      targetIP: Self.own.address)
    let frame = EthernetFrame.arp(answer, from: Self.gateway.mac, to: Self.own.mac).bytes
    #expect(open.violation(by: frame, at: .own) == "the host answers ARP for 127.0.0.1")
  }

  @Test("of what the host takes goes by host access, and whose name it is in")
  func host() throws {
    let rights = try Self.rights()
    func delivery(_ packet: IPv4Packet) -> HostDeliveries.Delivery {
      .init(protocolNumber: packet.protocolNumber.rawValue, source: .v4(packet.source), bytes: packet.bytes)
    }
    let ping = ICMPMessage.echoRequest(identifier: 1, sequence: 1, payload: Self.mark.bytes)
    #expect(rights.violation(by: delivery(.icmp(ping, from: Self.own.address, to: Self.host))) == nil)
    #expect(rights.violation(by: delivery(.icmp(ping, from: Self.neighbor.address, to: Self.host))) != nil)
    #expect(rights.violation(by: delivery(.icmp(ping, from: Self.own.address, to: .init(127, 0, 0, 1)))) != nil)
    let datagram = UDPDatagram(from: 1, to: 7, payload: [])
    #expect(rights.violation(by: delivery(.udp(datagram, from: Self.own.address, to: Self.host))) != nil)
    #expect(rights.violation(by: delivery(.udp(datagram, from: Self.server, to: Self.host))) == nil)
  }

  @Test("is about attempts that the same seed makes again, in any world")
  func seeded() throws {
    let world = try Self.rights().world
    for index in 0..<2_000 as Range<UInt32> {
      let one = HostileGenerator.attempt(seed: 7, index: index, in: world, offloads: true)
      #expect(one == HostileGenerator.attempt(seed: 7, index: index, in: world, offloads: true))
      #expect(!one.frames.isEmpty)
    }
  }
}
