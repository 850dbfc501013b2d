import NetTypes
import Tapestry
import TestKit
import Testing

/// A virtio-net header says where the host is to write a checksum, and it does so when the frame leaves, behind all filters.
@Suite("A guest's checksum is written where it belongs and nowhere else", .needsKernel)
struct PartialChecksumTests {
  @Test(
    "a port, an address, a protocol and TCP's flags stay what the filters saw; without the filter, they change",
    arguments: Network.Mode.allCases)
  func headers(mode: Network.Mode) async throws {
    try await use(mode) { site, guest, gateway in
      let frames = Target.allCases.map { target in target.frame(from: guest, to: gateway) }
      // A control: without the filter the kernel writes where it is told to.
      try await site.host.command("tc", "filter", "delete", "block", "1952542821")
      let written = try await arrivals(frames, from: guest, site)
      #expect(Set(written) == Set(frames.map(\.name)))
      #expect(try await site.manager.check().contains { $0.description.contains("checksums") })

      _ = try await site.manager.repair()
      #expect(try await site.manager.check().isEmpty)
      #expect(try await arrivals(frames, from: guest, site) == [])
    }
  }

  @Test(
    "in the place of TCP's and UDP's own, and within what they carry: tunnels' packets",
    arguments: Network.Mode.allCases)
  func honest(mode: Network.Mode) async throws {
    try await use(mode) { site, guest, gateway in
      let service = try await UDPSocket(in: site.internet, echoes: true)
      let datagram = UDPDatagram(from: 40_000, to: service.local.port, payload: Array("partial".utf8))
      try guest.sendPartialChecksum(.udp(datagram, from: guest.address, to: Site.server), at: 6, to: gateway)
      #expect(await service.received { $0.text == "partial" } != nil)

      let listener = try await TCPListener(in: site.internet, port: 80)
      let syn = TCPSegment(from: 40_001, to: 80, flags: .syn, sequence: 7)
      try guest.sendPartialChecksum(.tcp(syn, from: guest.address, to: Site.server), at: 16, to: gateway)
      let accepted = await guest.received { $0.ipv4?.tcp?.flags == [.syn, .ack] }
      #expect(accepted?.ipv4?.destination == guest.address)
      _ = listener

      // A tunnel's datagram without a checksum of its own, of what is within it.
      let inner = UDPDatagram(from: 40_002, to: service.local.port, payload: Array("inner0".utf8) + [0, 0])
      var packet = IPv4Packet.udp(inner, from: guest.address, to: Site.server)
      packet.payload.replaceSubrange(6..<8, with: [0, 0])
      let frame = EthernetFrame.ipv4(packet, from: guest.mac, to: gateway)
      try guest.send(raw: frame.bytes, VirtioNetHeader(checksumFrom: 14 + 20 + 8, at: frame.bytes.count - 2))
      let sum = InternetChecksum.of(Array("inner0".utf8))
      let expected = Array("inner0".utf8) + [UInt8(sum >> 8), UInt8(sum & 0xff)]
      #expect(await service.received { $0.payload == expected } != nil)
    }
  }

  @Test("no ARP answer, no other guest's packet comes of it between guests that may reach each other")
  func bridged() async throws {
    try await Site.use { site in
      _ = try await site.manager.createNetwork(
        NetworkRequest(name: "inner", settings: NetworkSettings(allowsInterVM: true)))
      let made = try await site.manager.attach(AttachRequest(vmID: "a", network: "inner"))
      let guest = try await site.boot(made, vnetHeader: true)
      let neighbor = try await site.guest("b", in: "inner")

      let arp = ARPPacket(
        operation: .reply, senderMAC: made.mac, senderIP: made.guestIP, targetMAC: neighbor.mac,
        targetIP: neighbor.address)
      let frame = EthernetFrame.arp(arp, from: made.mac, to: neighbor.mac)
      // The last two bytes of its sender's address.
      let place = 14 + 14 + 2

      try await site.host.command("tc", "filter", "delete", "block", "1952542821")
      try guest.send(raw: frame.bytes, VirtioNetHeader(checksumFrom: place, at: place))
      let isForged: @Sendable (EthernetFrame) -> Bool = { frame in
        frame.arp.map { $0.senderMAC == made.mac && $0.senderIP != made.guestIP } ?? false
      }
      #expect(await neighbor.received(matching: isForged) != nil)

      _ = try await site.manager.repair()
      try guest.send(raw: frame.bytes, VirtioNetHeader(checksumFrom: place, at: place))
      #expect(try await guest.ping(neighbor.address))
      #expect(!neighbor.arrivals.takeAll().contains(where: isForged))
    }
  }

  /// A guest whose VMM uses virtio-net headers, on a host whose uplink leaves checksums to the kernel.
  private func use(
    _ mode: Network.Mode, _ body: (Site, StandInGuest, MACAddress) async throws -> Void
  ) async throws {
    try await Site.use { site in
      try await site.host.computeChecksums(on: "uplink")
      _ = try await site.manager.createNetwork(
        NetworkRequest(name: "inner", mode: mode, snapshot: mode.snapshot))
      let made = try await site.manager.attach(AttachRequest(vmID: "a", network: "inner"))
      let guest = try await site.boot(made, vnetHeader: true)
      try await body(site, guest, try await guest.gatewayMAC())
    }
  }

  /// The names of those that came out otherwise than they were sent.
  private func arrivals(_ frames: [Forged], from guest: StandInGuest, _ site: Site) async throws -> [String] {
    let watch = try await PacketSocket(in: site.internet, interface: "isp")
    for forged in frames {
      try guest.send(raw: forged.frame.bytes, VirtioNetHeader(checksumFrom: forged.place, at: forged.place))
    }
    #expect(try await guest.ping(Site.server))
    #expect(await watch.captured { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
    let seen = watch.captures.takeAll().map(\.frame)
    return frames.filter { forged in seen.contains { Mark(in: $0.payload) == forged.mark && forged.isRewritten($0) } }
      .map(\.name)
  }
}

/// A frame with which a guest means to have something rewritten.
private struct Forged {
  let name: String
  let mark: Mark
  let frame: EthernetFrame
  /// Where the host is to write, in bytes from the frame's beginning.
  let place: Int

  func isRewritten(_ arrived: EthernetFrame) -> Bool {
    arrived.bytes[place..<(place + 2)] != frame.bytes[place..<(place + 2)]
  }
}

/// What a guest means to have rewritten.
private enum Target: String, CaseIterable {
  case destinationPort, destinationAddress, identification, tcpPort, tcpFlags

  /// In bytes from the frame's beginning.
  private var place: Int {
    switch self {
    case .destinationPort, .tcpPort: 14 + 20 + 2
    case .destinationAddress: 14 + 18
    // As far to the front as the kernel goes along with.
    case .identification: 14 + 6
    case .tcpFlags: 14 + 20 + 12
    }
  }

  func frame(from guest: StandInGuest, to gateway: MACAddress) -> Forged {
    let mark = Mark()
    var segment = TCPSegment(from: 40_000, to: 443, flags: .syn)
    segment.payload = mark.bytes
    let datagram = UDPDatagram(from: 40_000, to: 7, payload: mark.bytes)
    let packet: IPv4Packet =
      switch self {
      case .tcpPort, .tcpFlags: .tcp(segment, from: guest.address, to: Site.server)
      default: .udp(datagram, from: guest.address, to: Site.server)
      }
    return Forged(
      name: rawValue, mark: mark, frame: .ipv4(packet, from: guest.mac, to: gateway), place: place)
  }
}
