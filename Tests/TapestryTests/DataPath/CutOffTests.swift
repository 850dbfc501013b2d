import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("What cuts guests off, unseen", .needsKernel)
struct CutOffTests {
  /// A host with guests of every mode, two of which have IPv6 and a name server.
  private func useAll(_ body: (Site, [StandInGuest]) async throws -> Void) async throws {
    try await Site.use { site in
      try await site.meetServer6()
      var guests: [StandInGuest] = []
      for mode in Network.Mode.allCases {
        let request = NetworkRequest(
          name: "\(mode)", mode: mode,
          subnet6: mode == .clone ? nil : .prefix(try IPv6Prefix(parsing: "fd00:\(guests.count)::/64")),
          snapshot: mode.snapshot, settings: NetworkSettings(nameServer: NameServer(upstreams: [Site.server])))
        try await site.manager.createNetwork(request)
        guests.append(try await site.guest("a-\(mode)", in: "\(mode)"))
      }
      try await body(site, guests)
    }
  }

  private func expectReach(_ guests: [StandInGuest]) async throws {
    for guest in guests { #expect(try await guest.ping(Site.server)) }
  }

  @Test("nothing: a healthy host with guests of every mode has no finding, beside a VPN's rules and routes too")
  func healthy() async throws {
    try await useAll { site, guests in
      try await expectReach(guests)
      #expect(try await site.manager.diagnose().filter { $0.verdict != .ok } == [])
      _ = try await site.sh(
        """
        ip link add name wg0 type ifb; ip address add 10.2.0.2/32 dev wg0; ip link set wg0 up
        ip route add 0.0.0.0/1 dev wg0; ip route add 128.0.0.0/1 dev wg0
        """)
      #expect(try await site.manager.diagnose().filter { $0.verdict != .ok } == [])
      try await site.manager.createNetwork(NetworkRequest(name: "another"))
      _ = try await site.sh(
        """
        ip route del 0.0.0.0/1; ip route del 128.0.0.0/1; ip route add default dev wg0 table 51820
        ip rule add not fwmark 51820 table 51820; ip rule add table main suppress_prefixlength 0
        """)
      #expect(try await site.manager.diagnose().filter { $0.verdict != .ok } == [])
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("links that are not to forward by default: those of guests do")
  func defaultForwarding() async throws {
    try await Site.use { site in
      _ = try await site.sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
      _ = try await site.sh("sysctl -qw net.ipv4.conf.default.forwarding=0 net.ipv6.conf.default.forwarding=0")
      for mode in Network.Mode.allCases {
        try await site.manager.createNetwork(
          NetworkRequest(
            name: "\(mode)", mode: mode, subnet6: mode == .bridge ? .automatic : nil,
            snapshot: mode.snapshot))
        #expect(try await site.guest("a-\(mode)", in: "\(mode)").ping(Site.server))
      }
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("forwarding that is off for one link: of ours it is drift, of the uplink doctor tells")
  func linkForwarding() async throws {
    try await useAll { site, guests in
      let bridge = try await site.manager.network(named: "bridge").bridge
      let tap = try #require(try await site.manager.attachments().first { $0.network == "routed" }).tapName
      for (guest, setting, words) in [
        (guests[0], "net.ipv4.conf.\(bridge).forwarding", "does not forward"),
        (guests[1], "net.ipv4.conf.\(tap).forwarding", "does not forward"),
        (guests[0], "net.ipv6.conf.\(bridge).forwarding", "does not forward IPv6"),
      ] {
        _ = try await site.sh("sysctl -qw \(setting)=0")
        if setting.contains("ipv4") { #expect(try await !guest.ping(Site.server, within: .milliseconds(200))) }
        let drift = try await site.manager.check()
        #expect(drift.count == 1 && drift[0].description.contains(words), "\(setting): \(drift)")
        #expect(try await site.manager.repair() == drift)
        #expect(try await site.manager.check() == [])
        #expect(try await guest.ping(Site.server))
      }
      _ = try await site.sh("sysctl -qw net.ipv4.conf.uplink.forwarding=0")
      #expect(try await !guests[0].ping(Site.server, within: .milliseconds(200)))
      let finding = try #require(try await site.manager.diagnose().first { $0.verdict == .problem })
      #expect(finding.subject == "uplink")
      _ = try await site.sh(try #require(finding.advice).replacing("sysctl", with: "sysctl -qw"))
      try await expectReach(guests)
      #expect(try await site.manager.diagnose().filter { $0.verdict != .ok } == [])
    }
  }

  @Test(
    "a routing rule that takes guests' packets elsewhere, or what is for them: doctor names it, and what mends it",
    arguments: [
      "ip rule add from 172.30.0.0/16 blackhole", "ip rule add iif BRIDGE prohibit",
      "ip route add default dev away table 77; ip rule add from SUBNET lookup 77",
      "ip route add 172.30.0.0/16 dev away table 77; ip rule add lookup 77",
      "ip route add 172.30.0.0/16 dev away table 77; ip rule add to 172.16.0.0/12 lookup 77",
    ])
  func routingRule(commands: String) async throws {
    try await Site.use { site in
      _ = try await site.sh("ip link add name away type ifb; ip link set away up")
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.server))
      let named = commands.replacing("BRIDGE", with: "svbr0").replacing("SUBNET", with: "172.30.0.0/24")
      _ = try await site.sh(named)
      #expect(try await !guest.ping(Site.server, within: .milliseconds(200)))
      let findings = try await site.manager.diagnose().filter { $0.verdict != .ok }
      #expect(findings.map(\.subject).contains("routing"), "\(findings)")
      for finding in findings where finding.subject == "routing" {
        _ = try await site.sh(try #require(finding.advice?.split(separator: ": ").last.map(String.init)))
      }
      #expect(try await guest.ping(Site.server))
      #expect(try await site.manager.diagnose().filter { $0.subject == "routing" } == [])
    }
  }

  @Test("IPv6 that is off on a link of ours is drift; the name server goes on, and guests have both again after repair")
  func disabledIPv6() async throws {
    try await useAll { site, guests in
      for (number, network) in (["bridge", "routed"] as [Identifier]).enumerated() {
        let bridge = try await site.manager.network(named: network).bridge
        let tap = try #require(try await site.manager.attachments().first { $0.network == network }).tapName
        for link in [bridge] + (network == "routed" ? [tap] : []) {
          _ = try await site.sh("sysctl -qw net.ipv6.conf.\(link).disable_ipv6=1")
          let drift = try await site.manager.check()
          #expect(
            drift.contains { $0.description.contains("\(link)") && $0.description.contains("turned off") }, "\(drift)")
          _ = try await site.manager.repair()
          #expect(try await site.manager.check() == [])
          #expect(try await guests[number].ping(Site.server6))
          #expect(try await guests[number].ping(Site.server))
        }
      }
    }
  }

  @Test("links that come without IPv6 since: networks that have it keep it, and guests that come get it")
  func disabledIPv6ByDefault() async throws {
    try await useAll { site, guests in
      _ = try await site.sh("sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
      #expect(try await site.manager.check() == [])
      for network: Identifier in ["bridge", "routed"] {
        let guest = try await site.guest("b-\(network)", in: network)
        #expect(try await guest.ping(Site.server6))
      }
      #expect(try await guests[0].ping(Site.server6))
      #expect(try await site.manager.check() == [])
      #expect(try await site.manager.diagnose().filter { $0.verdict != .ok } == [])
      await #expect(throws: TapestryError.self) {
        try await site.manager.createNetwork(NetworkRequest(name: "more", subnet6: .automatic))
      }
    }
  }

  @Test("a default route that is spread over two links: the lesser MTU counts, and doctor looks at both")
  func multipath() async throws {
    try await Site.use { site in
      _ = try await site.sh(
        """
        ip link add name other type ifb; ip link set other mtu 1400 up; ip address add 203.0.113.1/24 dev other
        ip route replace default nexthop via 198.51.100.2 dev uplink nexthop via 203.0.113.2 dev other
        """)
      #expect(try await site.manager.createNetwork(NetworkRequest(name: "narrow")).mtu == 1400)
      let uplinks = try await site.manager.diagnose().filter { $0.subject == "uplink" }.map(\.message)
      #expect(
        uplinks.count == 2 && uplinks.contains { $0.hasPrefix("other is an uplink with MTU 1400") }, "\(uplinks)")
      _ = try await site.sh(
        "ip route replace default via 198.51.100.2 dev uplink; ip route add 0.0.0.0/1 dev other; ip route add 128.0.0.0/1 dev other"
      )
      #expect(try await site.manager.createNetwork(NetworkRequest(name: "vpn")).mtu == 1400)
    }
  }
}
