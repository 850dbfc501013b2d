import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("The doctor, on the kernel", .needsKernel)
struct DoctorTests {
  @Test("changes nothing: no state file, no link, no table, no sysctl")
  func changesNothing() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      let findings = try await rig.manager.diagnose()
      #expect(findings.filter { $0.verdict == .problem } == [])
      #expect(findings.first { $0.subject == "kernel" }?.verdict == .ok)
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.namespace.command(arguments: ["test", "-e", rig.statePath]).status != 0)

      try await rig.manager.attach(AttachRequest(vmID: "a"))
      // Routes of multicast come with a link's carrier, a moment later.
      let inUse = try await rig.kernelState().enumerated().filter { $0.offset != 2 }.map(\.element)
      #expect(try await rig.manager.diagnose().filter { $0.verdict == .problem } == [])
      #expect(try await rig.kernelState().enumerated().filter { $0.offset != 2 }.map(\.element) == inUse)
    }
  }

  @Test("finds a FORWARD chain that drops, and its advice lets the guests' traffic through again")
  func forwardDrop() async throws {
    try await Site.use { site in
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.server))
      for words in [
        "add table ip filter", "add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }",
      ] {
        _ = try await site.host.command(arguments: ["nft"] + words.split(separator: " ").map(String.init)).checked()
      }
      #expect(try await !guest.ping(Site.server, within: .milliseconds(200)))
      let firewall = try #require(try await site.manager.diagnose().first { $0.subject == "firewall" })
      #expect(firewall.verdict == .problem && firewall.message.contains("ip filter FORWARD"))
      // What iptables(8) makes of the advice, in nft's words.
      for direction in ["saddr", "daddr"] {
        try await site.host.command(
          "nft", "insert", "rule", "ip", "filter", "FORWARD", "ip", direction, "172.30.0.0/24", "accept")
      }
      #expect(try #require(firewall.advice).contains("-s 172.30.0.0/24 -j ACCEPT"))
      #expect(try await guest.ping(Site.server))
      #expect(try await site.manager.diagnose().filter { $0.verdict == .problem } == [])
    }
  }

  @Test("understands the rules that iptables makes of its advice", arguments: ["FORWARD", "DOCKER-USER"])
  func iptables(chain: String) async throws {
    try await Site.use { site in
      let guest = try await site.guest("web-1")
      let script = """
        iptables-nft -P FORWARD DROP
        [ \(chain) = FORWARD ] || { iptables-nft -N \(chain); iptables-nft -A FORWARD -j \(chain); }
        """
      try await site.host.command("sh", "-ec", script)
      #expect(try await !guest.ping(Site.server, within: .milliseconds(200)))
      let advice = try #require(try await site.manager.diagnose().first { $0.subject == "firewall" }?.advice)
      #expect(advice.contains("iptables -I \(chain) "))
      try await site.host.command("sh", "-ec", advice.replacing("iptables ", with: "iptables-nft "))
      #expect(try await guest.ping(Site.server))
      #expect(try await site.manager.diagnose().filter { $0.verdict == .problem } == [])
    }
  }
}
