import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("One guest's fragments", .needsKernel, .serialized)
struct FragmentLimitTests {
  @Test("leave the host memory to put others' together", arguments: Network.Mode.allCases, [1400, 60_000])
  func flood(mode: Network.Mode, length: Int) async throws {
    try await RoutedSite.use(mode) { inner in
      let site = inner.site
      _ = try await UDPSocket(in: site.internet, address: Site.server, port: 7, echoes: true)
      let atHost = try await UDPSocket(in: site.host, address: Site.hostAddress, port: 9)
      let outside = try await UDPSocket(in: site.internet)
      let hog = try await site.boot(try await inner.attach("hog"))
      let other = try await site.boot(try await inner.attach("other"))
      let hop = try await hog.gatewayMAC()
      // None of them ever gets whole.
      for number in UInt16(1)...4000 {
        var packet = IPv4Packet(
          source: hog.address, destination: Site.server, protocolNumber: .udp,
          payload: [UInt8](repeating: 0, count: length / 8 * 8))
        packet.moreFragments = true
        packet.identification = number
        try hog.send(.ipv4(packet, from: hog.mac, to: hop))
      }
      #expect(try await other.exchangeFragments(with: Site.server, port: 7))
      try outside.send(String(repeating: "x", count: 4000), to: Endpoint(Site.hostAddress, 9))
      #expect(await atHost.received { $0.payload.count == 4000 } != nil)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("of IPv6 leave the host memory to put others' together", arguments: DualSite.modes)
  func flood6(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { inner in
      let site = inner.site
      _ = try await UDPSocket(in: site.internet, at: Endpoint(DualSite.server, 7), echoes: true)
      let hog = try await inner.guest("hog")
      let guest = try await site.bootStack(try await inner.attach("other"))
      let own = try #require(hog.ipv6)
      let hop = try #require(try await hog.resolve6(own.gateway))
      let datagram = UDPDatagram(from: 4000, to: 7, payload: [UInt8](repeating: 0, count: 3000))
      let packet = IPv6Packet.udp(datagram, from: own.address, to: DualSite.server)
      for number in UInt32(1)...4000 {
        try hog.send(.ipv6(packet.fragment(from: 0, to: 1400, identification: number), from: hog.mac, to: hop))
      }
      let client = try await UDPSocket(in: guest.namespace, at: Endpoint(IPv6Address(rawValue: 0), 0))
      try client.send(String(repeating: "x", count: 4000), to: Endpoint(DualSite.server, 7))
      #expect(await client.received { $0.payload.count == 4000 } != nil)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("are let through as an honest guest sends them", arguments: Network.Mode.allCases)
  func honest(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let made = try await inner.attach("web-1")
      let guest = try await inner.site.bootStack(made)
      for target in ["\(Site.server)", "\(made.gatewayIP)"] {
        let answer = try await guest.namespace.command("busybox", "ping", "-c", "3", "-s", "4000", target)
        #expect(answer.contains("3 packets received"), "\(answer)")
      }
    }
  }

  @Test("by ARP: a guest whose TAP is routed is answered so often a second", arguments: [Network.Mode.routed, .clone])
  func arp(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let guest = try await inner.site.boot(try await inner.attach("web-1"))
      let gateway = try #require(guest.gateway)
      _ = try await guest.gatewayMAC()
      let start = ContinuousClock.now
      for _ in 1...1000 {
        try guest.send(.arp(.request(for: gateway, from: guest.mac, guest.address), from: guest.mac))
      }
      #expect(try await guest.ping(Site.server))
      let count = guest.arrivals.takeAll().count { $0.arp?.operation == .reply }
      // The kernel may work a frame off later than it was sent.
      let elapsed = Int((ContinuousClock.now - start) / .seconds(1)) + 1
      #expect((50...100 + 50 * elapsed).contains(count), "\(count)")
    }
  }
}

extension StandInGuest {
  /// Sends a datagram in two fragments until it has come back.
  fileprivate func exchangeFragments(with target: IPv4Address, port: UInt16) async throws -> Bool {
    let hop = try await gatewayMAC()
    let payload = (0..<2000).map { UInt8(truncatingIfNeeded: $0) }
    let datagram = UDPDatagram(from: 4001, to: port, payload: payload)
    let whole = IPv4Packet.udp(datagram, from: address, to: target)
    let deadline = ContinuousClock.now + .patience
    var identification: UInt16 = 40_000
    repeat {
      identification += 1
      for range in [0..<1400, 1400..<whole.payload.count] {
        var fragment = whole
        fragment.identification = identification
        fragment.payload = Array(whole.payload[range])
        fragment.fragmentOffset = UInt16(range.lowerBound / 8)
        fragment.moreFragments = range.upperBound < whole.payload.count
        try send(.ipv4(fragment, from: mac, to: hop))
      }
      // The answer comes in fragments too.
      let answer = await received(within: .milliseconds(500)) {
        guard let packet = $0.ipv4, packet.source == target, packet.fragmentOffset == 0 else { return false }
        return packet.protocolNumber == .udp && packet.payload.starts(with: [UInt8(port >> 8), UInt8(port & 0xff)])
      }
      if answer != nil { return true }
    } while ContinuousClock.now < deadline
    return false
  }
}
