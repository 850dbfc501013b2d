import NetTypes
import Tapestry
import TestKit
import Testing

/// A virtio-net header may say that a frame is a tunnel's, and where the headers within it are: the host writes lengths
/// there when it cuts the frame into segments, behind all filters.
@Suite(
  "The host writes no lengths into what a guest calls a tunnel's headers", .needsKernel,
  .enabled(if: KernelRelease.isAtLeast(6, 17)))
struct TunnelOffloadTests {
  @Test(
    "a datagram's port stays what the filters saw; without the filter, it changes", arguments: Network.Mode.withIPv6)
  func port(mode: Network.Mode) async throws {
    try await InnerSite.use(mode, subnet6: .site) { inner in
      // A veth pair has its packets cut by whoever receives them, but for such as are longer than this.
      try await inner.site.host.command("ip", "link", "set", "uplink", "gso_max_size", "1000")
      let made = try await inner.attach("a")
      let guest = try await inner.site.boot(made)
      let gateway = try await guest.gatewayMAC()
      let frame = try tunnel(from: made, to: gateway)
      await guest.stop()

      try await inner.site.host.command("tc", "filter", "delete", "block", "1952542821")
      #expect(try await arrivals(of: frame, from: made, inner) == [514])

      _ = try await inner.manager.repair()
      #expect(try await inner.manager.check().isEmpty)
      #expect(try await arrivals(of: frame, from: made, inner) == [])
    }
  }

  /// A datagram to port 443, whose header is one of IPv4 to whoever looks for that there: `0x45` is the first byte of its
  /// source port, and its destination port is where that has its length.
  private func tunnel(from made: Tapestry.Attachment, to gateway: MACAddress) throws -> [UInt8] {
    let rest: [UInt8] = [64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]
    let segment = IPv4Packet.tcp(TCPSegment(from: 1, to: 2, flags: .ack), from: made.guestIP, to: made.guestIP).payload
    let payload = rest + segment + [UInt8](repeating: 0x2e, count: 2 * Int(segmentSize))
    let datagram = UDPDatagram(from: 0x4500, to: 443, payload: payload)
    let source = try #require(made.guestIP6)
    return EthernetFrame.ipv6(.udp(datagram, from: source, to: Site.server6), from: made.mac, to: gateway).bytes
  }

  /// So long that the length of what is within becomes 514.
  private let segmentSize: UInt16 = 514 - 20 - 20

  /// The ports to which segments of the frame come, and those of a datagram that is sent after it.
  private func arrivals(
    of frame: [UInt8], from made: Tapestry.Attachment, _ inner: InnerSite
  ) async throws -> Set<UInt16> {
    let watch = try await PacketSocket(in: inner.site.internet, interface: "isp")
    let places = TunnelOffload.Places(outerTransport: 34, innerNetwork: 54, innerTransport: 74)
    try await TunnelOffload.send(
      frame, places, segmentSize: segmentSize, in: inner.site.host, tap: made.tapName.rawValue)
    let guest = try await inner.site.boot(made)
    #expect(try await guest.ping(Site.server))
    #expect(await watch.captured { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
    await guest.stop()
    await watch.stop()
    return Set(watch.captures.takeAll().compactMap { $0.frame.ipv6?.udp?.destinationPort })
  }
}
