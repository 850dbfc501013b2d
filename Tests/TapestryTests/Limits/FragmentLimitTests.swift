import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("One guest's fragments", .needsKernel, .serialized)
struct FragmentLimitTests {
  @Test(
    "leave the host memory to put others' together",
    arguments: Way.all.map { ($0, 1400) } + Way.all.filter { $0.family == .v4 }.map { ($0, 60_000) })
  func flood(way: Way, length: Int) async throws {
    try await InnerSite.use(way) { inner in
      let (site, server, host) = (inner.site, Site.serverIP(way.family), Site.hostIP(way.family))
      _ = try await UDPSocket(in: site.internet, at: Endpoint(server, 7), echoes: true)
      let atHost = try await UDPSocket(in: site.host, at: Endpoint(host, 9))
      let outside = try await UDPSocket(in: site.internet, at: Endpoint(.any(way.family), 0))
      let hog = try await inner.guest("hog")
      let guest = try await site.bootStack(try await inner.attach("other"))
      // None of them ever gets whole.
      try await hog.sendFirstFragments(of: length, to: server)
      let client = try await UDPSocket(in: guest.namespace, at: Endpoint(.any(way.family), 0))
      try client.send(String(repeating: "x", count: 4000), to: Endpoint(server, 7))
      #expect(await client.received { $0.payload.count == 4000 } != nil)
      try outside.send(String(repeating: "x", count: 4000), to: Endpoint(host, 9))
      #expect(await atHost.received { $0.payload.count == 4000 } != nil)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("are let through as an honest guest sends them", arguments: Network.Mode.allCases)
  func honest(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
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
    try await InnerSite.use(mode) { inner in
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
  /// Of 4000 datagrams, each of which is longer.
  fileprivate func sendFirstFragments(of length: Int, to target: IPAddress) async throws {
    let hop = try #require(try await nextHop(to: target))
    let datagram = UDPDatagram(from: 4000, to: 7, payload: [UInt8](repeating: 0, count: length + 1600))
    let own = try #require(ownAddress(target.family))
    let whole = EthernetFrame.udp(datagram, from: own, to: target, by: mac, at: hop)
    for number in UInt16(1)...4000 {
      if var packet = whole.ipv4 {
        packet.payload = Array(packet.payload.prefix(length / 8 * 8))
        packet.moreFragments = true
        packet.identification = number
        try send(.ipv4(packet, from: mac, to: hop))
      } else if let packet = whole.ipv6 {
        try send(.ipv6(packet.fragment(from: 0, to: length, identification: UInt32(number)), from: mac, to: hop))
      }
    }
  }
}
