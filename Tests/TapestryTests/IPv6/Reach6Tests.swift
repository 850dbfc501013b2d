import NetTypes
import TestKit
import Testing

@testable import Tapestry

/// An address of IPv6 that the site's internet answers for, and who reaches it without a rule.
private struct Place6: Sendable {
  var text: String
  var isInternet: Bool
  /// What the host itself would reach, and no guest does unless a rule says so.
  var isClosed = false

  var address: IPv6Address { DualSite.address(text) }

  static let all: [Place6] =
    [
      "2001:db8:1::2", "2001:db8:ffff::1", "2000::1", "2001:200::1", "2001:1::1", "2001:3::1", "2001:4:112::1",
      "2001:20::1", "2003::1", "2620:4f:8000::1", "3fff:ffff::1", "64:ff9b::c633:6402", "64:ff9b::b00:1",
    ].map { Place6(text: $0, isInternet: true) }
    + [
      "fd12:3456::1", "fd00:42::41", "fc00::1", "fec0::1", "64:ff9b::a00:5", "64:ff9b::c0a8:101", "64:ff9b::7f00:1",
      "64:ff9b:1::1",
      "100::1", "2001::1", "2001:1::4", "2001:2::1", "2001:10::1", "2001:4:113::1", "2002:a00:5::1", "2002:808:808::1",
      "3fff::1", "4000::1", "5f00::1", "64::1",
    ].map { Place6(text: $0, isInternet: false) }
    + closed

  static let closed = [
    "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42", "fd00:a9fe:a9fe::1", "fd00:100::100:200",
  ]
  .map { Place6(text: $0, isInternet: false, isClosed: true) }
  static let never = ["fe80::1234", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "ff0e::1"]
    .map { Place6(text: $0, isInternet: false, isClosed: true) }
}

@Suite("Egress over IPv6", .needsKernel)
struct Reach6Tests {
  @Test(
    "of each reach leads there and nowhere else", arguments: DualSite.modes,
    [EgressPolicy.Reach.all, .internet, .nothing])
  func reach(mode: Network.Mode, reach: EgressPolicy.Reach) async throws {
    try await DualSite.use(mode) { dual in
      let guest = try await dual.guest("web-1")
      let forger = try await dual.forger(guest)
      let places = Place6.all + Place6.never
      let forgeries = places.map { forger.datagram6($0.text, from: forger.own.global, to: $0.address) }
      let wanted = EgressPolicy(reach: reach, rules: [DualSite.ping])
      let other = EgressPolicy(reach: reach == .all ? .nothing : .all, rules: [DualSite.ping])
      let expected = places.filter { place in
        switch reach {
        case .all: !place.isClosed
        case .internet: place.isInternet
        case .nothing, .inherited: false
        }
      }
      // Of a network that runs, and of an attachment; the attachment's counts.
      try await dual.manager.setPolicy(network: "inner", egress: wanted)
      try await dual.expect(forgeries, from: guest, letThrough: expected.map(\.text))
      try await dual.manager.setPolicy(network: "inner", egress: other)
      try await dual.manager.setPolicy(vmID: "web-1", egress: wanted)
      try await dual.expect(forgeries, from: guest, letThrough: expected.map(\.text))
      #expect(try await dual.manager.check() == [])
    }
  }

  @Test("is decided by the attachment's rules, then the network's, then the reach", arguments: DualSite.modes)
  func precedence(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { dual in
      let network = EgressPolicy(
        reach: .internet,
        rules: [DualSite.ping]
          + (try DualSite.rules(.allow, "[fd00::/8]:53", "[fd00:ec2::254]:80", "fd12::/16", "fe80::/9", "10.0.0.0/8"))
          + (try DualSite.rules(.deny, "2001:db8:9::/48", "fd12:7::/32", "[2003::/16]:25", "0.0.0.0/0/udp")))
      try await dual.manager.setPolicy(network: "inner", egress: network)
      let own = EgressPolicy(
        rules: try DualSite.rules(.allow, "[2001:db8:9::7]:443", "[fd12:7::7]:1000-1001/udp")
          + (try DualSite.rules(.deny, "fd00::9", "fd12:5::/32/udp")))
      let guest = try await dual.site.boot(
        try await dual.manager.attach(AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own))))
      let forger = try await dual.forger(guest)
      let cases: [(String, UInt16, Bool)] = [
        ("2001:db8:9::7", 443, true), ("2001:db8:9::7", 444, false), ("2001:db8:9::8", 443, false),
        ("fd00::5", 53, true), ("fd00::5", 54, false), ("fd00::9", 53, false),
        ("fd00:ec2::254", 80, true), ("fd00:ec2::254", 81, false), ("fd00:ec2::253", 53, false),
        ("fd12:6::1", 9, true), ("fd12:5::1", 9, false), ("fd12:7::7", 1000, true), ("fd12:7::7", 1001, true),
        ("fd12:7::7", 999, false), ("fd12:7::7", 1002, false), ("fd12:7::8", 1000, false),
        ("2003::1", 24, true), ("2003::1", 25, false), ("2003::1", 26, true), ("fe80::99", 9, false),
        // A rule of IPv4 says nothing of IPv6.
        ("2001:db8:1::2", 7, true),
      ]
      let forgeries = cases.map { text, port, _ in
        forger.datagram6(
          "[\(text)]:\(port)", from: forger.own.global, to: DualSite.address(text), ports: (40_000, port))
      }
      try await dual.expect(
        forgeries, from: guest, letThrough: cases.filter(\.2).map { "[\($0.0)]:\($0.1)" })
      // Another guest of the network has the network's alone.
      let other = try await dual.guest("web-2")
      let second = try await dual.forger(other)
      let further = [("own rule of another", "2001:db8:9::7", UInt16(443)), ("denied to another", "fd00::9", 53)]
      #expect(
        try await dual.escaped(
          further.map {
            second.datagram6($0.0, from: second.own.global, to: DualSite.address($0.1), ports: (40_000, $0.2))
          }, from: other) == ["denied to another"])
    }
  }

  @Test("is judged by the protocol behind extension headers", arguments: DualSite.modes)
  func oddPackets(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { dual in
      try await dual.manager.setPolicy(
        network: "inner",
        egress: EgressPolicy(
          reach: .nothing,
          rules: [DualSite.ping] + (try DualSite.rules(.allow, "[2001:db8::/32]:443/udp", "2001:db8::/32/icmp"))))
      let guest = try await dual.guest("web-1")
      let forger = try await dual.forger(guest)
      let own = forger.own.global
      func datagram(_ mark: Mark, _ port: UInt16) -> IPv6Packet {
        .udp(UDPDatagram(from: 40_000, to: port, payload: mark.bytes), from: own, to: DualSite.server)
      }
      let to = { (name: String, make: (Mark) -> IPv6Packet) in forger.six(name, at: forger.gateway.mac, make) }
      try await dual.expect(
        [
          to("allowed") { datagram($0, 443) }, to("denied") { datagram($0, 444) },
          to("allowed behind options") { datagram($0, 443).withDestinationOptions(4) },
          to("denied behind options") { datagram($0, 444).withDestinationOptions(4) },
          to("a ping") {
            .icmpv6(ICMPv6Message(type: 128, body: [0, 1, 0, 1] + $0.bytes), from: own, to: DualSite.server)
          },
          to("GRE") {
            IPv6Packet(
              source: own, destination: DualSite.server, nextHeader: .init(rawValue: 47),
              payload: [0, 0, 8, 0] + $0.bytes)
          },
          to("its link-local address") {
            .udp(UDPDatagram(from: 40_000, to: 443, payload: $0.bytes), from: forger.own.linkLocal, to: DualSite.server)
          },
        ], from: guest, letThrough: ["allowed", "allowed behind options", "a ping"])
    }
  }

  @Test(
    "that changes ends the connections which are no longer allowed, and no others", arguments: DualSite.modes)
  func established(mode: Network.Mode) async throws {
    try await DualSite.use(mode, subnet6: .automatic) { dual in
      let (site, manager) = (dual.site, dual.manager)
      let guest = try await site.bootStack(try await dual.attach("web-1"))
      let anywhere = IPv6Address(rawValue: 0)
      let (kept, lost) = (
        try await TCPListener(in: site.internet, at: Endpoint(anywhere, 443)),
        try await TCPListener(in: site.internet, at: Endpoint(anywhere, 80))
      )
      let first = try await TCPConnection(from: guest.namespace, to: Endpoint(DualSite.server, 443))
      let second = try await TCPConnection(from: guest.namespace, to: Endpoint(DualSite.server, 80))
      #expect(await kept.accepted() != nil)
      #expect(await lost.accepted() != nil)
      #expect(try await first.exchange("one") == "one")
      #expect(try await second.exchange("one") == "one")

      let only443 = EgressPolicy(
        reach: .nothing, rules: try DualSite.rules(.allow, "[\(DualSite.server)]:443/tcp"))
      try await manager.setPolicy(vmID: "web-1", egress: only443)
      #expect(try await first.exchange("two") == "two")
      #expect(try await second.exchange("two", within: .milliseconds(400)) == "")
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(
          from: guest.namespace, to: Endpoint(DualSite.server, 80), within: .milliseconds(300))
      }
      _ = try await TCPConnection(from: guest.namespace, to: Endpoint(DualSite.server, 443))
      #expect(try await manager.check() == [])

      try await manager.setPolicy(network: "inner", egress: EgressPolicy(reach: .nothing))
      #expect(try await first.exchange("three") == "three")
      try await manager.setPolicy(vmID: "web-1", egress: EgressPolicy())
      #expect(try await first.exchange("four", within: .milliseconds(400)) == "")
    }
  }

  @Test("policies of 100 guests take no more rules than that of one, and are there as they were written")
  func constantRules() async throws {
    try await DualSite.use { dual in
      let rules = { () async throws -> Int in
        try await dual.site.host.json("nft", "-j", "list", "ruleset")["nftables"].elements
          .filter { !$0["rule"].isNull }.count
      }
      let attach = { (number: Int) async throws in
        let policy = EgressPolicy(
          reach: EgressPolicy.Reach.allCases[number % 3],
          rules: try DualSite.rules(.allow, "[fd00:\(number)::/32]:\(1000 + number)/tcp", "::/0/icmp")
            + (try DualSite.rules(.deny, "2001:db8::\(number)", "fd00:\(number)::9")))
        _ = try await dual.manager.attach(
          AttachRequest(vmID: "vm-\(number)", network: "inner", settings: .init(egress: policy)))
      }
      try await attach(0)
      let few = try await rules()
      for number in 1..<100 { try await attach(number) }
      #expect(try await rules() == few)
      #expect(try await dual.manager.check() == [])
      try await dual.manager.detachAll(network: "inner")
      #expect(try await dual.manager.check() == [])
      for set in ["guest_rules6", "guest_reach6", "guests6"] {
        let family = set.hasSuffix("s6") && set != "guest_rules6" ? "bridge" : "inet"
        let kind = family == "bridge" ? "set" : "map"
        #expect(try await !dual.site.host.command("nft", "list", kind, family, "tapestry", set).contains("elements"))
      }
      #expect(try await dual.site.host.command("ip", "-6", "neighbour", "show", "nud", "permanent") == "")
    }
  }
}
