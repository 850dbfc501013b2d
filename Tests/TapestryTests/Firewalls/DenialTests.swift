import NetTypes
import Tapestry
import TestKit
import Testing

/// A firewall in which its administrator denies one address, and how.
struct DenyingFirewall: Sendable, CustomTestStringConvertible {
  var name: String
  var family = IPFamily.v4
  /// As words of sh(1).
  var start: String
  /// Denies the address `DENIED`, behind all that is there.
  var deny: String
  /// What an earlier version put at the top of `old`.
  var old: String

  var testDescription: String { name }

  /// Somebody outside whom the firewall lets nobody speak to.
  var denied: IPAddress { family == .v6 ? "2001:db8:1::3" : "198.51.100.3" }

  private static func iptables(
    _ family: IPFamily, _ variant: String, _ name: String, deny: String, old: String = "FORWARD", _ commands: String...
  ) -> Self {
    let program = Firewall.program(family, variant)
    let (guests, network) = (FirewalledSite.prefix(family), FirewalledSite.network(family))
    return Self(
      name: "\(name) of \(program)", family: family,
      start: commands.map { "\(program) \($0)" }.joined(separator: "\n"), deny: "\(program) \(deny)",
      old: ["-s", "-d"].map {
        "\(program) -I \(old) \($0) \(guests) -m comment --comment 'tapestry: network \(network)' -j ACCEPT"
      }.joined(separator: "\n"))
  }

  private static func iptables(_ family: IPFamily) -> [Self] {
    ["nft", "legacy"].flatMap { variant in
      [
        iptables(
          family, variant, "Docker's chain for others", deny: "-A DOCKER-USER -d DENIED -j DROP", old: "DOCKER-USER",
          "-P FORWARD DROP", "-N DOCKER-USER", "-A FORWARD -j DOCKER-USER"),
        iptables(
          family, variant, "a denial behind Docker's chains", deny: "-A FORWARD -d DENIED -j REJECT", "-P FORWARD DROP",
          "-N DOCKER-USER", "-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -j RETURN"),
        iptables(
          family, variant, "a chain that all goes through in the end", deny: "-I last 2 -d DENIED -j DROP", "-N last",
          "-A last -j LOG", "-A last -j DROP", "-A FORWARD -i lo -j ACCEPT", "-A FORWARD -j last"),
        iptables(
          family, variant, "a chain that drops what is sent there", deny: "-I FORWARD -d DENIED -j LOGDROP",
          "-N LOGDROP",
          "-A LOGDROP -p udp --dport 137 -j DROP", "-A LOGDROP -j DROP", "-A FORWARD -j LOGDROP"),
        iptables(
          family, variant, "a denial that leaves it to the policy", deny: "-A FORWARD -d DENIED -j RETURN",
          "-P FORWARD DROP"),
        iptables(
          family, variant, "a chain for some", deny: "-A some -d DENIED -j DROP", "-P FORWARD DROP", "-N some",
          "-A FORWARD -o uplink -j some"),
      ]
    }
  }

  private static func nft(_ family: IPFamily, _ name: String, deny: String, _ rules: String) -> Self {
    let header = family == .v6 ? "ip6" : "ip"
    let (guests, network) = (FirewalledSite.prefix(family), FirewalledSite.network(family))
    return Self(
      name: "\(name) of \(family)", family: family,
      start:
        "nft 'table inet mine { chain more { }; chain forward { type filter hook forward priority 0; \(rules) }; }'",
      deny: "nft '\(deny.replacing("HEADER", with: header))'",
      old: ["saddr", "daddr"].map {
        "nft 'insert rule inet mine forward \(header) \($0) \(guests) accept comment \"tapestry: network \(network)\"'"
      }.joined(separator: "\n"))
  }

  static let all = IPFamily.allCases.flatMap { family in
    iptables(family) + [
      nft(
        family, "a table of nft's", deny: "add rule inet mine forward HEADER daddr DENIED drop",
        "policy drop; ct state vmap { invalid : drop };"),
      nft(
        family, "a table of nft's with a verdict map", deny: "add rule inet mine more HEADER daddr DENIED reject",
        "policy drop; oifname vmap { \"uplink\" : jump more };"),
    ]
  }
}

@Suite("What others' firewalls deny", .needsKernel)
struct DenialTests {
  @Test("is denied, whatever of a network is let through; doctor names it", arguments: DenyingFirewall.all)
  func before(firewall: DenyingFirewall) async throws {
    try await FirewalledSite.use(firewall.family) { walled in
      let site = walled.site
      try await walled.addServer(firewall.denied)
      _ = try await site.sh(firewall.start)
      _ = try await site.sh(firewall.deny.replacing("DENIED", with: "\(firewall.denied)"))
      let guest = try await walled.guest("web-1")
      #expect(try await walled.ping(guest))
      #expect(try await !walled.ping(guest, firewall.denied, within: Firewall.soon))
      #expect(try await site.manager.check() == [])
      let findings = try await site.manager.diagnose().filter { $0.subject == "firewall" }
      #expect(findings.allSatisfy { $0.verdict == .ok }, "\(findings)")
      if !firewall.name.contains("map") {
        #expect(findings.contains { $0.message.contains("to \(firewall.denied)/") }, "\(findings)")
      }
    }
  }

  @Test(
    "is denied again by repair where it was denied later, or by a rule of an earlier version's too high up",
    arguments: DenyingFirewall.all)
  func later(firewall: DenyingFirewall) async throws {
    try await FirewalledSite.use(firewall.family) { walled in
      let site = walled.site
      try await walled.addServer(firewall.denied)
      _ = try await site.sh(firewall.start)
      let guest = try await walled.guest("web-1")
      #expect(try await walled.ping(guest, firewall.denied))
      _ = try await site.sh(firewall.deny.replacing("DENIED", with: "\(firewall.denied)"))
      _ = try await site.manager.repair()
      #expect(try await site.manager.check() == [])
      #expect(try await !walled.ping(guest, firewall.denied, within: Firewall.soon))
      #expect(try await walled.ping(guest))

      _ = try await site.sh(firewall.old)
      #expect(try await walled.ping(guest, firewall.denied))
      #expect(try await !site.manager.check().isEmpty)
      let drift = try await site.manager.repair()
      #expect(drift.allSatisfy { $0.step != nil }, "\(drift)")
      #expect(try await site.manager.check() == [])
      #expect(try await !walled.ping(guest, firewall.denied, within: Firewall.soon))
      #expect(try await walled.ping(guest))
    }
  }

  @Test("a network without rules in other firewalls gets none, and loses those that it had")
  func without() async throws {
    try await Site.use { site in
      _ = try await site.sh("iptables-nft -P FORWARD DROP")
      let before = try await site.sh("iptables-nft -S")
      let made = try await site.manager.createNetwork(
        NetworkRequest(name: "closed", settings: NetworkSettings(opensFirewalls: false)))
      #expect(!made.settings.opensFirewalls)
      #expect(try await site.sh("iptables-nft -S") == before)
      let guest = try await site.guest("web-1", in: "closed")
      #expect(try await !guest.ping(Site.server, within: Firewall.soon))
      #expect(try await site.manager.check() == [])
      let finding = try #require(try await site.manager.diagnose().first { $0.subject == "firewall" })
      #expect(finding.verdict == .warning && finding.advice?.contains("iptables -I FORWARD -s") == true)
      let rule = "FORWARD -s \(made.subnet) -m comment --comment 'tapestry: network closed' -j ACCEPT"
      _ = try await site.sh("iptables-nft -A \(rule)")
      #expect(try await site.manager.repair().count == 1)
      #expect(try await site.sh("iptables-nft -S") == before)
      // What the kernel says of it is enough to know it again.
      site.rig.removeState()
      let other = try site.rig.another()
      _ = try await other.repair(adopt: true)
      #expect(try await other.networks().first { $0.name.rawValue == "closed" }?.settings.opensFirewalls == false)
    }
  }

  @Test(
    "a chain that what comes to the host passes too gets no accepts, and check says why", arguments: ["nft", "legacy"])
  func shared(variant: String) async throws {
    try await Site.use { site in
      let program = "iptables-\(variant)"
      for rule in ["-N last", "-A last -s 203.0.113.9 -j DROP", "-A last -j DROP"]
        + ["INPUT", "FORWARD"].map({ "-A \($0) -j last" })
      {
        _ = try await site.sh("\(program) \(rule)")
      }
      let before = try await site.sh("\(program) -S")
      _ = try await site.guest("web-1")
      let drift = try await site.manager.check()
      #expect(drift.count == 1 && drift[0].step == nil && drift[0].description.contains("last"), "\(drift)")
      #expect(try await site.sh("\(program) -S") == before)
    }
  }
}
