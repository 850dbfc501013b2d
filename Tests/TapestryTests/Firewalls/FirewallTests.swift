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
    try await Site.use { site in
      _ = try await site.sh(firewall.start)
      let guest = try await site.guest("web-1")
      let contents = try await site.sh(firewall.contents)
      for mode in [Network.Mode.bridge, .routed] {
        try await site.manager.createNetwork(NetworkRequest(name: "other", mode: mode))
        let other = try await site.guest("web-2", in: "other")
        #expect(try await other.ping(Site.server))
        #expect(try await site.count(firewall, of: "other") == 2)
        #expect(try await site.count(firewall) == 2)
        try await site.manager.detach(vmID: "web-2")
        try await site.manager.removeNetwork(named: "other")
        #expect(try await site.sh(firewall.contents) == contents)
      }
      #expect(try await guest.ping(Site.server))
    }
  }

  @Test("published ports are reached through a firewall", arguments: Firewall.all)
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
    try await RoutedSite.use(.clone) { site in
      _ = try await site.site.sh("iptables-nft -P FORWARD DROP")
      #expect(try await site.site.manager.repair().count == 1)
      let made = try await site.attach("web-1")
      #expect(try await site.site.boot(made).ping(Site.server))
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

  @Test("a firewall that no longer drops needs no rules of ours", arguments: ["nft", "legacy"])
  func opened(variant: String) async throws {
    try await Site.use { site in
      _ = try await site.sh("iptables-\(variant) -P FORWARD DROP")
      try await site.manager.attach(AttachRequest(vmID: "web-1"))
      _ = try await site.sh("iptables-\(variant) -P FORWARD ACCEPT")
      #expect(try await site.manager.check().count == 1)
      #expect(try await site.manager.repair().count == 1)
      #expect(try await site.sh("iptables-\(variant) -S FORWARD") == "-P FORWARD ACCEPT\n")
    }
  }

  @Test("rules survive being saved and restored, and iptables can delete them", arguments: ["nft", "legacy"])
  func restored(variant: String) async throws {
    try await Site.use { site in
      let program = "iptables-\(variant)"
      _ = try await site.sh("\(program) -P FORWARD DROP")
      let guest = try await site.guest("web-1")
      _ = try await site.sh("\(program)-save > /tmp/$$; \(program)-restore < /tmp/$$; rm /tmp/$$")
      #expect(try await site.manager.check() == [])
      #expect(try await guest.ping(Site.server))
      for end in ["-s", "-d"] {
        _ = try await site.sh(
          "\(program) -D FORWARD \(end) 172.30.0.0/24 -m comment --comment 'tapestry: network default' -j ACCEPT")
      }
      #expect(try await site.sh("\(program) -S FORWARD") == "-P FORWARD DROP\n")
    }
  }

  @Test("a chain that its owner alone can change is told of with a command, and keeps nobody from attaching")
  func owned() async throws {
    try await Site.use { site in
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
      let guest = try await site.guest("web-1")
      #expect(try await !guest.ping(Site.server, within: Firewall.soon))
      let drift = try await site.manager.check()
      #expect(drift.count == 1 && drift[0].step == nil && drift[0].description.contains("inet theirs forward"))
      #expect(try await site.manager.repair() == drift)
      let finding = try #require(try await site.manager.diagnose().first { $0.subject == "firewall" })
      #expect(finding.verdict == .problem)
      #expect(finding.advice?.contains("nft insert rule inet theirs forward ip saddr 172.30.0.0/24 accept") == true)

      _ = try await first.stop()
      #expect(try await eventually { try await site.manager.check() == [] })
      _ = try await own("ip saddr 172.30.0.0/24 accept; ct state established accept;")
      #expect(try await site.manager.check() == [])
      #expect(try await guest.ping(Site.server))
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
