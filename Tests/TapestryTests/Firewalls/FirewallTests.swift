import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Beside other firewalls", .needsKernel)
struct FirewallTests {
  @Test("guests get through a firewall that was there before them", arguments: Firewall.all)
  func before(firewall: Firewall) async throws { try await firewall.wasThereBefore() }

  @Test("a firewall that comes later, or reloads, cuts guests off; check tells, repair mends", arguments: Firewall.all)
  func later(firewall: Firewall) async throws { try await firewall.comesLater() }

  @Test("each network has its own rules, and takes no others along", arguments: Firewall.all)
  func networks(firewall: Firewall) async throws {
    try await FirewalledSite.use(firewall.family) { walled in
      let site = walled.site
      _ = try await site.sh(firewall.start)
      let guest = try await walled.guest("web-1")
      let contents = try await site.sh(firewall.contents)
      for mode in Network.Mode.withIPv6 {
        let subnet6: Subnet6Request? = firewall.family == .v6 ? .prefix("fd00:9::/64") : nil
        try await site.manager.createNetwork(NetworkRequest(name: "other", mode: mode, subnet6: subnet6))
        let other = try await site.guest("web-2", in: "other")
        #expect(try await walled.ping(other))
        for network in ["other", walled.network] {
          #expect(try await site.count(firewall, of: network) == firewall.ruleCount)
        }
        try await site.manager.detach(vmID: "web-2")
        try await site.manager.removeNetwork(named: "other")
        #expect(try await site.sh(firewall.contents) == contents)
      }
      #expect(try await walled.ping(guest))
    }
  }

  @Test("published ports are reached through a firewall", arguments: Firewall.dropping(.v4))
  func published(firewall: Firewall) async throws {
    try await Site.use { site in
      _ = try await site.sh(firewall.start)
      let port = PublishedPort(hostPort: 8080, guestPort: 80)
      let made = try await site.manager.attach(AttachRequest(vmID: "web-1", settings: .init(published: [port])))
      let guest = try await site.bootStack(made)
      let service = try await TCPListener(in: guest.namespace, port: 80)
      let client = try await TCPConnection(from: site.internet, to: Endpoint(Site.hostAddress, 8080))
      #expect(try await client.exchange("a request") == "a request")
      #expect(await service.accepted()?.peer.address == Site.server)
    }
  }

  @Test("clones get through by their outer addresses")
  func clones() async throws {
    try await InnerSite.use(.clone) { inner in
      _ = try await inner.site.sh("iptables-nft -P FORWARD DROP")
      #expect(try await inner.site.manager.repair().count == 1)
      let made = try await inner.attach("web-1")
      #expect(try await inner.site.boot(made).ping(Site.server))
    }
  }

  @Test(
    "guests who may reach each other do, where bridged packets pass a firewall too", arguments: IPFamily.allCases,
    BridgeNetfilter.allCases)
  func neighbors(family: IPFamily, netfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(Way(family: family, mode: .bridge), allowsInterVM: true) { inner in
      let site = inner.site
      try await site.setBridgeNetfilter(netfilter)
      _ = try await site.sh("\(Firewall.program(family, "nft")) -P FORWARD DROP")
      _ = try await inner.manager.repair()
      let (a, b) = (try await inner.attach("a"), try await inner.attach("b"))
      let (first, second) = (try await site.bootStack(a), try await site.bootStack(b))
      let endpoint = Endpoint(try #require(b.guestAddress(family)), 7)
      let listener = try await TCPListener(in: second.namespace, at: endpoint)
      let connection = try await TCPConnection(from: first.namespace, to: endpoint)
      #expect(await listener.accepted()?.peer.ip == a.guestAddress(family))
      #expect(try await connection.exchange("hello") == "hello")
    }
  }

  @Test("a network without IPv6 has no rule in chains of IPv6, and drift in none", arguments: Firewall.dropping(.v6))
  func without(firewall: Firewall) async throws {
    try await Site.use { site in
      _ = try await site.sh(firewall.start)
      let before = try await site.sh(firewall.contents)
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.server))
      let rules = try await site.sh(firewall.rules)
      #expect(try await site.count(firewall) == (firewall.dropsBoth ? 2 : 0))
      #expect(!rules.contains("ip6 saddr") && !rules.contains("ip6 daddr"))
      if !firewall.dropsBoth { #expect(try await site.sh(firewall.contents) == before) }
      #expect(try await site.manager.check() == [])
      #expect(try await site.manager.diagnose().filter { $0.subject == "firewall" && $0.verdict != .ok } == [])
    }
  }

  @Test("one chain may drop one family and let the other through")
  func oneOfTwo() async throws {
    try await FirewalledSite.use(.v6) { walled in
      let site = walled.site
      let guest = try await walled.guest("web-1")
      _ = try await site.sh(
        """
        nft 'table inet theirs { chain forward { type filter hook forward priority 0; policy accept;
          ip6 nexthdr ipv6-icmp accept
          meta nfproto ipv6 drop
        }
        }'
        """)
      #expect(try await guest.ping(Site.server))
      #expect(try await walled.exchange(guest, within: Firewall.soon) == nil)
      #expect(try await site.manager.repair().count == 1)
      #expect(try await walled.exchange(guest) != nil)
      let rules = try await site.sh("nft -s list chain inet theirs forward")
      #expect(rules.contains("ip6 saddr \(Site.prefix6)") && !rules.contains("ip saddr"))

      // The other way round: what is no longer needed is taken out, and no more.
      _ = try await site.sh(
        "nft add rule inet theirs forward drop; nft delete rule inet theirs forward handle "
          + "$(nft -a list chain inet theirs forward | sed -n 's/.*nfproto ipv6 drop.*handle //p')")
      #expect(try await site.manager.repair().count == 1)
      #expect(try await guest.ping(Site.server))
      #expect(try await walled.exchange(guest) != nil)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test(
    "a firewall that no longer drops needs no rules of ours", arguments: IPFamily.allCases, ["nft", "legacy"])
  func opened(family: IPFamily, variant: String) async throws {
    try await FirewalledSite.use(family) { walled in
      let (site, program) = (walled.site, Firewall.program(family, variant))
      _ = try await site.sh("\(program) -P FORWARD DROP")
      _ = try await walled.attach("web-1")
      _ = try await site.sh("\(program) -P FORWARD ACCEPT")
      #expect(try await site.manager.check().count == 1)
      #expect(try await site.manager.repair().count == 1)
      #expect(try await site.sh("\(program) -S FORWARD") == "-P FORWARD ACCEPT\n")
    }
  }
}
