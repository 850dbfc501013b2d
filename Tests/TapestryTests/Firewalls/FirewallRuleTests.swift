import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Our rules in others' firewalls", .needsKernel)
struct FirewallRuleTests {
  @Test(
    "rules read as the family's program writes them, which can save, restore and delete them; others' keep their counts",
    arguments: IPFamily.allCases, ["nft", "legacy"])
  func counters(family: IPFamily, variant: String) async throws {
    try await FirewalledSite.use(family, .routed) { walled in
      let (site, program) = (walled.site, Firewall.program(family, variant))
      let guest = try await walled.guest("web-1")
      let rules = { try await site.sh("\(program) -S FORWARD").split(separator: "\n").map(String.init) }
      let counted = { try await site.sh("\(program)-save -c -t filter | grep -e '-j DROP' -e '-j LOG'") }
      let denied = family == .v4 ? "192.0.2.0/24" : "2001:db8:ffff::/48"
      _ = try await site.sh(
        """
        \(program)-restore -c <<'END'
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD DROP [0:0]
        :OUTPUT ACCEPT [0:0]
        [7:777] -A FORWARD -s \(denied) -j DROP
        [9:999] -A FORWARD -d \(denied) -m comment --comment "tapestry network \(walled.network)" -j LOG
        COMMIT
        END
        """)
      let (others, before) = (try await rules(), try await counted())
      #expect(try await site.manager.repair().count == 1)
      let ours = ["s", "d"].map {
        #"-A FORWARD -\#($0) \#(walled.prefix) -m comment --comment "tapestry: network \#(walled.network)" -j ACCEPT"#
      }
      // Behind what is denied, and before what is only logged.
      #expect(try await rules() == others.prefix(2) + ours + others.dropFirst(2))
      #expect(try await counted() == before)
      #expect(try await walled.ping(guest))

      _ = try await site.sh("\(program)-save -c > /tmp/$$; \(program)-restore -c < /tmp/$$; rm /tmp/$$")
      #expect(try await site.manager.check() == [])
      #expect(try await walled.ping(guest))
      for rule in ours { _ = try await site.sh("\(program) \(rule.replacing("-A ", with: "-D "))") }
      #expect(try await rules() == others)
      #expect(try await site.manager.repair().count == 1)
      try await site.manager.cleanup()
      #expect(try await rules() == others)
      #expect(try await counted() == before)
    }
  }

  @Test("rules of networks that are gone are garbage; rules of others are not, whatever they resemble")
  func garbage() async throws {
    try await Site.use { site in
      try await site.manager.attach(AttachRequest(vmID: "web-1"))
      for program in ["iptables-nft", "iptables-legacy"] {
        let start = """
          \(program) -P FORWARD DROP
          \(program) -A FORWARD -s 10.9.0.0/24 -m comment --comment "tapestry network ghost" -j ACCEPT
          \(program) -A FORWARD -s 10.9.0.0/24 -m comment --comment "for tapestry: network ghost" -j ACCEPT
          """
        _ = try await site.sh(start)
        let contents = "\(program) -S"
        let others = try await site.sh(contents)
        _ = try await site.sh(
          """
          \(program) -A FORWARD -s 10.9.0.0/24 -m comment --comment "tapestry: network ghost" -j ACCEPT
          \(program) -I FORWARD -p tcp -m comment --comment "tapestry: network ghost" -j LOG
          """)
        let collected = try await site.manager.collectGarbage()
        #expect(collected.map(\.description) == collected.map(\.description).filter { $0.contains("network ghost") })
        #expect(collected.count == 1)
        #expect(try await site.sh(contents) == others)
      }
      // Both are let through at once.
      #expect(try await site.manager.repair().count == 2)
      #expect(try await site.guest("web-2").ping(Site.server))
    }
  }

  @Test(
    "a chain that its owner alone can change is told of with a command for each family, and keeps nobody from attaching",
    arguments: IPFamily.allCases)
  func owned(family: IPFamily) async throws {
    try await FirewalledSite.use(family) { walled in
      let site = walled.site
      func own(_ rules: String) async throws -> RunningCommand {
        let chain = "chain forward { type filter hook forward priority 0; policy drop; \(rules) }"
        let owner = try await site.host.start(
          "bash", "-c", "exec nft -i < <(echo 'add table inet theirs { flags owner; \(chain); }'; exec sleep 1000)")
        #expect(
          try await eventually {
            try await site.host.command(arguments: ["nft", "list", "table", "inet", "theirs"]).status == 0
          })
        return owner
      }
      let first = try await own("")
      let guest = try await walled.guest("web-1")
      #expect(try await !walled.ping(guest, within: Firewall.soon))
      // Guests with IPv6 have both.
      let families = family == .v4 ? 1 : 2
      let drift = try await site.manager.check()
      #expect(drift.count == families, "\(drift)")
      #expect(drift.allSatisfy { $0.step == nil && $0.description.contains("inet theirs forward") }, "\(drift)")
      #expect(try await site.manager.repair() == drift)
      let findings = try await site.manager.diagnose().filter { $0.subject == "firewall" && $0.advice != nil }
      #expect(findings.count == families && findings.allSatisfy { $0.verdict == .problem }, "\(findings)")
      let source = family == .v4 ? "ip saddr \(walled.prefix)" : "ip6 saddr \(walled.prefix)"
      #expect(findings.last?.advice?.contains("nft insert rule inet theirs forward \(source) accept") == true)

      _ = try await first.stop()
      #expect(try await eventually { try await site.manager.check() == [] })
      _ = try await own(
        "ip saddr 172.30.0.0/16 accept; ip6 saddr \(Site.prefix6) accept; ct state established accept;")
      #expect(try await site.manager.check() == [])
      #expect(try await walled.ping(guest))
    }
  }

  @Test("an attach that is only tried says what it would let through, and does not")
  func dryRun() async throws {
    try await Site.use { site in
      _ = try await site.sh("iptables-nft -P FORWARD DROP")
      let plan = try await site.manager.previewAttach(AttachRequest(vmID: "web-1")).plan
      #expect(plan.contains { $0.contains("accept packets of network default, from and to 172.30.0.0/24") })
      #expect(try await site.sh("iptables-nft -S FORWARD") == "-P FORWARD DROP\n")
    }
  }
}
