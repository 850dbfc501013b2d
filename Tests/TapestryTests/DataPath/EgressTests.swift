import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Egress", .needsKernel)
struct EgressTests {
  @Test(
    "of each reach leads there and nowhere else", arguments: Way.all, [EgressPolicy.Reach.all, .internet, .nothing])
  func reach(way: Way, reach: EgressPolicy.Reach) async throws {
    try await InnerSite.use(way) { inner in
      let manager = inner.manager
      let guest = try await inner.guest("web-1")
      let forger = try await Forger(guest)
      let places = EgressPlace.all(way.family)
      let forgeries = places.map { forger.udp("\($0.address)", to: $0.address) }
      // Set on a network that runs, and on an attachment; the attachment's counts.
      let wanted = EgressPolicy(reach: reach, rules: [InnerSite.ping])
      let other = EgressPolicy(reach: reach == .all ? .nothing : .all, rules: [InnerSite.ping])
      let expected = places.filter { place in
        switch reach {
        case .all: place.kind != .closed
        case .internet: place.kind == .internet
        case .nothing, .inherited: false
        }
      }
      try await manager.setPolicy(network: "inner", egress: wanted)
      try await inner.expect(forgeries, from: guest, letThrough: expected.map { "\($0.address)" })
      try await manager.setPolicy(network: "inner", egress: other)
      try await manager.setPolicy(vmID: "web-1", egress: wanted)
      try await inner.expect(forgeries, from: guest, letThrough: expected.map { "\($0.address)" })
      #expect(try await manager.check() == [])
    }
  }

  @Test("is decided by the attachment's rules, then the network's, then the reach", arguments: Way.all)
  func precedence(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let wanted = try EgressCases(way.family)
      try await inner.manager.setPolicy(network: "inner", egress: wanted.network)
      let guest = try await inner.site.boot(try await inner.attach("web-1", .init(egress: wanted.own)))
      let other = try await inner.guest("web-2")
      for (guest, cases) in [(guest, wanted.cases), (other, wanted.others)] {
        let forger = try await Forger(guest)
        let forgeries = cases.map { $0.forgery(forger) }
        let expected = zip(cases, forgeries).filter { $0.0.passes }.map { $0.1.name }
        try await inner.expect(forgeries, from: guest, letThrough: expected)
      }
    }
  }

  @Test("denies what has no ports, or not enough of a header to tell", arguments: Way.all)
  func oddPackets(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let guest = try await inner.guest("web-1")
      let forger = try await Forger(guest)
      let (prefix, denied, allowed): (String, IPAddress, IPAddress) =
        switch way.family {
        case .v4: ("203.0.113.0/24", "203.0.113.7", "192.0.2.9")
        case .v6: ("2001:db8:9::/48", "2001:db8:9::7", "2001:db8:8::9")
        }
      try await inner.manager.setPolicy(
        vmID: "web-1", egress: EgressPolicy(rules: try InnerSite.rules(.deny, prefix) + [InnerSite.ping]))
      let own = forger.own.ip(way.family)
      func odd(_ target: IPAddress) -> [Forgery] {
        let packet = { (name: String, number: UInt8, start: [UInt8]) in
          forger.frame("\(name) to \(target)") {
            .packet(
              of: .init(rawValue: number), start + $0.bytes, from: own, to: target, by: guest.mac,
              at: forger.gateway.mac)
          }
        }
        return [
          packet("GRE", 47, [0, 0, 8, 0]), packet("ESP", 50, [0, 0, 0, 1]), packet("an unknown protocol", 253, []),
          forger.frame("an echo request to \(target)") {
            .echoRequest(7, $0.bytes, from: own, to: target, by: guest.mac, at: forger.gateway.mac)
          },
        ]
      }
      try await inner.expect(odd(denied) + odd(allowed), from: guest, letThrough: odd(allowed).map(\.name))

      // Too short for ports.
      let uplink = try await PacketSocket(in: inner.site.host, interface: "uplink")
      for length in 0...3 {
        let payload = [UInt8](repeating: 0x55, count: length)
        try guest.send(
          .packet(
            of: .init(rawValue: 253), payload, from: own, to: denied, by: guest.mac, at: forger.gateway.mac))
      }
      #expect(try await guest.ping(Site.server))
      #expect(await uplink.captured(within: .patience) { $0.frame.isEchoReply } != nil)
      #expect(uplink.captures.takeAll().allSatisfy { $0.frame.addresses?.destination != denied })
    }
  }

  @Test("is judged by the protocol behind extension headers", arguments: Network.Mode.withIPv6)
  func extensionHeaders(mode: Network.Mode) async throws {
    try await InnerSite.use(mode, subnet6: .site) { inner in
      try await inner.manager.setPolicy(
        network: "inner",
        egress: EgressPolicy(
          reach: .nothing,
          rules: [InnerSite.ping] + (try InnerSite.rules(.allow, "[2001:db8::/32]:443/udp", "2001:db8::/32/icmp"))))
      let guest = try await inner.guest("web-1")
      let forger = try await Forger(guest)
      let own = forger.own.global
      func datagram(_ mark: Mark, _ port: UInt16) -> IPv6Packet {
        .udp(UDPDatagram(from: 40_000, to: port, payload: mark.bytes), from: own, to: Site.server6)
      }
      let to = { (name: String, make: (Mark) -> IPv6Packet) in forger.six(name, at: forger.gateway.mac, make) }
      try await inner.expect(
        [
          to("allowed") { datagram($0, 443) }, to("denied") { datagram($0, 444) },
          to("allowed behind options") { datagram($0, 443).withDestinationOptions(4) },
          to("denied behind options") { datagram($0, 444).withDestinationOptions(4) },
          to("a ping") {
            .icmpv6(ICMPv6Message(type: 128, body: [0, 1, 0, 1] + $0.bytes), from: own, to: Site.server6)
          },
          to("GRE") {
            IPv6Packet(
              source: own, destination: Site.server6, nextHeader: .init(rawValue: 47),
              payload: [0, 0, 8, 0] + $0.bytes)
          },
          to("its link-local address") {
            .udp(UDPDatagram(from: 40_000, to: 443, payload: $0.bytes), from: forger.own.linkLocal, to: Site.server6)
          },
        ], from: guest, letThrough: ["allowed", "allowed behind options", "a ping"])
    }
  }

  @Test("that changes ends the connections which are no longer allowed, and no others", arguments: Way.all)
  func established(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let (site, manager) = (inner.site, inner.manager)
      let guest = try await site.bootStack(try await inner.attach("web-1"))
      let server = { (port: UInt16) in Endpoint(Site.serverIP(way.family), port) }
      let (kept, lost) = (
        try await TCPListener(in: site.internet, at: server(443)),
        try await TCPListener(in: site.internet, at: server(80))
      )
      let first = try await TCPConnection(from: guest.namespace, to: server(443))
      let second = try await TCPConnection(from: guest.namespace, to: server(80))
      #expect(await kept.accepted() != nil)
      #expect(await lost.accepted() != nil)
      #expect(try await first.exchange("one") == "one")
      #expect(try await second.exchange("one") == "one")

      let only443 = EgressPolicy(reach: .nothing, rules: try InnerSite.rules(.allow, "\(server(443))/tcp"))
      try await manager.setPolicy(vmID: "web-1", egress: only443)
      #expect(try await first.exchange("two") == "two")
      #expect(try await second.exchange("two", within: .milliseconds(400)) == "")
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(from: guest.namespace, to: server(80), within: .milliseconds(300))
      }
      _ = try await TCPConnection(from: guest.namespace, to: server(443))
      #expect(try await manager.check() == [])

      // The network's policy too; the attachment's own comes first.
      try await manager.setPolicy(network: "inner", egress: EgressPolicy(reach: .nothing))
      #expect(try await first.exchange("three") == "three")
      try await manager.setPolicy(vmID: "web-1", egress: EgressPolicy())
      #expect(try await first.exchange("four", within: .milliseconds(400)) == "")
    }
  }
}
