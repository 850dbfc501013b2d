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

  @Test("tells where nft 1.0.6 cannot load its own listing of the tables, and only there")
  func listing() async throws {
    let isPossible = try await ProtocolLookup.isPossible()
    try await Rig.use { rig in
      let found = try await rig.manager.diagnose().contains { $0.subject == "nftables.conf" }
      // A later nft writes it otherwise, on whatever kernel.
      if try await rig.namespace.command("nft", "--version").contains("v1.0.6") { #expect(found == !isPossible) }
    }
  }

  @Test("says that there is drift, which check names, and does not take another file's networks for somebody's")
  func drift() async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      #expect(try await rig.manager.diagnose().filter { $0.verdict == .problem } == [])
      try await rig.namespace.command("ip", "link", "set", "svbr0", "down")
      let found = try #require(try await rig.manager.diagnose().first { $0.subject == "drift" })
      #expect(found.verdict == .problem && found.advice == "tapestry repair" && found.message.contains("svbr0"))
      try await rig.manager.repair()
      #expect(try await rig.manager.diagnose().filter { $0.verdict == .problem } == [])
      let other = try NetworkManager(
        .init(statePath: "/tmp/\(rig.namespace.name)/other.db", networkNamespacePath: rig.namespace.path))
      #expect(try await other.diagnose().filter { $0.verdict == .problem }.map(\.subject) == ["state"])
    }
  }

  @Test("finds a FORWARD chain that drops, and its advice lets the guests' traffic through again")
  func forwardDrop() async throws {
    try await Site.use { site in
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.server))
      try await site.host.command("iptables-nft", "-P", "FORWARD", "DROP")
      #expect(try await !guest.ping(Site.server, within: .milliseconds(200)))
      let firewall = try #require(try await site.manager.diagnose().first { $0.subject == "firewall" })
      #expect(firewall.verdict == .problem && firewall.message.contains("ip filter FORWARD"))
      #expect(firewall.advice == "tapestry repair")
      try await site.manager.repair()
      #expect(try await guest.ping(Site.server))
      #expect(try await site.manager.diagnose().filter { $0.verdict == .problem } == [])
    }
  }
}
