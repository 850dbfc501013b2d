import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Beside other firewalls, with IPv6", .needsKernel)
struct Firewall6Tests {
  @Test("guests get through a firewall that was there before them", arguments: Firewall.all6)
  func before(firewall: Firewall) async throws { try await firewall.wasThereBefore() }

  @Test("a firewall that comes later, or reloads, cuts guests off; check tells, repair mends", arguments: Firewall.all6)
  func later(firewall: Firewall) async throws { try await firewall.comesLater() }

  @Test("a network that goes takes its rules along, and no others", arguments: Firewall.all6)
  func networks(firewall: Firewall) async throws {
    try await FirewalledSite.use(.v6) { walled in
      let site = walled.site
      _ = try await site.sh(firewall.start)
      try await walled.createNetwork()
      let contents = try await site.sh(firewall.contents)
      for mode in DualSite.modes {
        let request = NetworkRequest(
          name: "other", mode: mode, subnet6: .prefix(try IPv6Prefix(parsing: "fd00:9::/64")))
        try await site.manager.createNetwork(request)
        let other = try await site.guest("web-2", in: "other")
        #expect(try await other.ping6(DualSite.server))
        #expect(try await site.count(firewall, of: "other") == firewall.ruleCount)
        #expect(try await site.count(firewall, of: "inner") == firewall.ruleCount)
        try await site.manager.detach(vmID: "web-2")
        try await site.manager.removeNetwork(named: "other")
        #expect(try await site.sh(firewall.contents) == contents)
      }
      #expect(try await walled.ping(try await walled.guest("web-1")))
    }
  }

  @Test("a network without IPv6 has no rule in chains of IPv6, and drift in none", arguments: Firewall.all6)
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

  @Test("rules read as ip6tables writes them, and others' keep what they have counted", arguments: ["nft", "legacy"])
  func counters(variant: String) async throws {
    try await FirewalledSite.use(.v6, .routed) { walled in
      let (site, program) = (walled.site, "ip6tables-\(variant)")
      try await walled.createNetwork()
      let rules = { try await site.sh("\(program) -S FORWARD").split(separator: "\n").map(String.init) }
      let counted = { try await site.sh("\(program)-save -c -t filter | grep -e '-j DROP' -e '-j LOG'") }
      _ = try await site.sh(
        """
        \(program)-restore -c <<'END'
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        [7:777] -A FORWARD -s 2001:db8:ffff::/48 -j DROP
        [9:999] -A FORWARD -d 2001:db8:ffff::/48 -m comment --comment "tapestry network inner" -j LOG
        COMMIT
        END
        """)
      let (others, before) = (try await rules(), try await counted())
      #expect(try await site.manager.repair().count == 1)
      let ours = ["s", "d"].map {
        #"-A FORWARD -\#($0) \#(DualSite.prefix) -m comment --comment "tapestry: network inner" -j ACCEPT"#
      }
      // Behind what is denied, and before what is only logged.
      #expect(try await rules() == others.prefix(2) + ours + others.dropFirst(2))
      #expect(try await counted() == before)
      #expect(try await walled.ping(try await walled.guest("web-1")))

      // What went through its own save and restore is still ours, and the program can delete it.
      _ = try await site.sh("\(program)-save -c > /tmp/$$; \(program)-restore -c < /tmp/$$; rm /tmp/$$")
      #expect(try await site.manager.check() == [])
      _ = try await site.sh("\(program) \(ours[0].replacing("-A ", with: "-D "))")
      #expect(try await site.manager.repair().count == 1)
      try await site.manager.cleanup()
      #expect(try await rules() == others)
      #expect(try await counted() == before)
    }
  }

  @Test(
    "guests who may reach each other do, where bridged packets pass a firewall too", arguments: BridgeNetfilter.allCases
  )
  func neighbors(netfilter: BridgeNetfilter) async throws {
    try await DualSite.use(allowsInterVM: true) { dual in
      try await dual.site.setBridgeNetfilter(netfilter)
      _ = try await dual.site.sh("ip6tables-nft -P FORWARD DROP")
      _ = try await dual.manager.repair()
      let (a, b) = (try await dual.attach("a"), try await dual.attach("b"))
      let (first, second) = (try await dual.site.bootStack(a), try await dual.site.bootStack(b))
      let endpoint = Endpoint(try #require(b.guestIP6), 7)
      let listener = try await TCPListener(in: second.namespace, at: endpoint)
      let connection = try await TCPConnection(from: first.namespace, to: endpoint)
      #expect(await listener.accepted()?.peer.ip == a.guestIP6.map { .v6($0) })
      #expect(try await connection.exchange("hello") == "hello")
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
      #expect(rules.contains("ip6 saddr \(DualSite.prefix)") && !rules.contains("ip saddr"))

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

  @Test("a chain that its owner alone can change is told of with a command for each family")
  func owned() async throws {
    try await FirewalledSite.use(.v6) { walled in
      let site = walled.site
      try await walled.createNetwork()
      let chain = "chain forward { type filter hook forward priority 0; policy drop; }"
      _ = try await site.host.start(
        "bash", "-c", "exec nft -i < <(echo 'add table inet theirs { flags owner; \(chain); }'; exec sleep 1000)")
      #expect(
        try await eventually {
          try await site.host.command(arguments: ["nft", "list", "table", "inet", "theirs"]).status == 0
        })
      let drift = try await site.manager.check()
      #expect(drift.count == 2 && drift.allSatisfy { $0.step == nil })
      #expect(try await site.manager.repair() == drift)
      let advice = try await site.manager.diagnose().filter { $0.subject == "firewall" }.compactMap(\.advice)
      #expect(advice.count == 2)
      #expect(advice.last?.contains("nft insert rule inet theirs forward ip6 saddr \(DualSite.prefix) accept") == true)
    }
  }
}
