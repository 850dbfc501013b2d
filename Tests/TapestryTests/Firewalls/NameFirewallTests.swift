import FoundationEssentials
import NetTypes
import Tapestry
import TestKit
import Testing

/// The commands of docs/policy.md that let guests ask their network's name server through a firewall which drops what
/// comes in to the host itself.
@Suite("A name server beside firewalls that are programs", .needsKernel)
struct NameFirewallTests {
  @Test(
    "is reached through ufw as the documentation says",
    .enabled(if: ProgramTests.hasUFW, "ufw is not installed: Scripts/install-packages firewalls"),
    arguments: [Network.Mode.bridge, .routed])
  func ufw(mode: Network.Mode) async throws {
    let command = try Self.documented(mode == .bridge ? "ufw allow in on" : "ufw allow from")
    try await check(mode, Firewall.ufw().start, [command])
  }

  @Test(
    "is reached through firewalld as the documentation says, and goes on to be when that reloads",
    .enabled(if: ProgramTests.hasFirewalld, "firewalld is not installed: Scripts/install-packages firewalls"),
    arguments: [Network.Mode.bridge, .routed])
  func firewalld(mode: Network.Mode) async throws {
    let option = mode == .bridge ? "--add-interface=" : "--add-source=172.30.1"
    let command = try Self.documented("firewall-cmd --permanent --zone=trusted \(option)")
    try await check(mode, Firewall.firewalld().start, [command, "firewall-cmd --reload"])
  }

  /// The first command of the documentation that begins so.
  private static func documented(_ beginning: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/policy.md"), encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("# \(beginning)") }, "\(beginning)")
    return String(line.dropFirst(2))
  }

  private func check(
    _ mode: Network.Mode, _ start: String, _ commands: [String]
  ) async throws {
    try await InnerSite.useNames(mode) { inner in
      let site = inner.site
      // As the documentation calls them.
      #expect(inner.network.bridge.rawValue == "svbr1" && "\(inner.network.subnet)" == "172.30.1.0/24")
      let guest = try await inner.guest("web-1")
      let gateway = try #require(guest.gateway)
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      // DHCP is answered in this mode alone.
      let (isAsked, long) = (mode == .bridge, mode == .bridge ? Duration.patience : Upstream.limit)
      #expect(try await isOffered(to: guest, 1, within: long) == isAsked)

      _ = try await site.sh(start)
      _ = try await site.manager.repair()
      #expect(try await guest.lookUp("example.org", within: Upstream.limit) == nil)
      #expect(try await guest.probeTCP(gateway, port: 53, within: Upstream.limit) != .accepted)
      #expect(try await !isOffered(to: guest, 2, within: Upstream.limit))

      let closed = { () async throws -> [Finding] in
        try await site.manager.diagnose().filter { $0.subject == "host-access" && $0.message.contains("network inner") }
      }
      #expect(try await closed().contains { $0.verdict == .problem && $0.message.contains("DNS queries") })

      for (number, command) in zip(UInt32(3)..., commands) {
        _ = try await site.sh(command)
        #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example), "\(command)")
        #expect(try await guest.probeTCP(gateway, port: 53) == .accepted, "\(command)")
        #expect(try await isOffered(to: guest, number, within: long) == isAsked, "\(command)")
        #expect(try await closed() == [], "\(command)")
        // Nothing else of the host is: that is for host access to say.
        #expect(try await guest.probeTCP(gateway, port: 8080, within: Upstream.limit) != .accepted)
      }
    }
  }

  /// Whether DHCP offers the guest its address.
  private func isOffered(to guest: StandInGuest, _ transaction: UInt32, within limit: Duration) async throws -> Bool {
    let asked = DHCPMessage(.discover, transaction: transaction, of: guest.mac)
    let answer = try await guest.sendRepeatedly(asked.frame(from: guest.mac), within: limit) {
      $0.dhcpAnswer?.transaction == transaction
    }
    return answer?.dhcpAnswer?.yourAddress == guest.address
  }
}
