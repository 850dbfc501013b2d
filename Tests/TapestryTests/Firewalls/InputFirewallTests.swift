import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Firewalls that keep guests from the host", .needsKernel)
struct InputFirewallTests {
  /// As words of sh(1); and what guests of a bridge with a name server lose by it, of ping, DNS and DHCP.
  static let firewalls: [(start: String, lost: Set<String>)] = [
    (
      "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      ["ping", "name", "DHCP"]
    ),
    ("iptables-nft -P INPUT DROP; iptables-nft -A INPUT -i BRIDGE -p udp --dport 53 -j ACCEPT", ["ping", "DHCP"]),
    (
      "iptables-nft -A INPUT -i lo -j ACCEPT; iptables-nft -A INPUT -p icmp -j ACCEPT; iptables-nft -A INPUT -j REJECT",
      ["name", "DHCP"]
    ),
    (
      "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -s SUBNET -j ACCEPT; iptables-nft -A INPUT -p udp -m multiport --dports 67,68 -j ACCEPT",
      []
    ),
    ("iptables-nft -P INPUT DROP; iptables-nft -A INPUT ! -i uplink -j ACCEPT", []),
    (
      "nft 'table inet mine { chain input { type filter hook input priority 0; policy drop; iif lo accept; ct state vmap { established : accept, related : accept, invalid : drop }; tcp dport 22 accept; }; }'",
      ["ping", "name", "DHCP"]
    ),
    (
      "nft 'table inet mine { chain input { type filter hook input priority 0; policy drop; icmp type { echo-request } accept; udp dport { 50-60, 67 } accept; }; }'",
      []
    ),
    (
      "nft 'table inet mine { chain input { type filter hook input priority 0; iifname vmap { BRIDGE : jump guests }; }; chain guests { udp dport 53 accept; drop; }; }'",
      ["ping", "DHCP"]
    ),
    (
      "nft 'table ip mine { chain input { type filter hook input priority 0; policy drop; meta mark 1 accept; }; }'", []
    ),
    (
      "nft 'table ip mine { chain input { type filter hook input priority 0; fib daddr type broadcast drop; }; }'",
      ["DHCP"]
    ),
  ]

  @Test(
    "are named by doctor, with what mends it, where what a network offers is certainly dropped; no others",
    arguments: firewalls.indices)
  func named(number: Int) async throws {
    let (start, lost) = Self.firewalls[number]
    try await Site.use { site in
      let network = try await site.manager.createNetwork(
        NetworkRequest(name: "inner", nameServer: NameServer(upstreams: [Site.server])))
      let guest = try await site.guest("web-1", in: "inner")
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      _ = try await site.sh(
        start.replacing("BRIDGE", with: "\(network.bridge)").replacing("SUBNET", with: "\(network.subnet)"))
      let findings = try await site.manager.diagnose().filter { $0.subject == "host-access" }
      let named = Set(["ping", "name", "DHCP"].filter { word in findings.contains { $0.message.contains(word) } })
      #expect(named == lost && findings.count == lost.count, "\(findings)")
      if lost.contains("ping") {
        #expect(try await !guest.ping(network.subnet.gateway, within: Firewall.soon))
      }
      for finding in findings { _ = try await site.sh(try #require(finding.advice)) }
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      if !start.contains("mark") { #expect(try await guest.ping(network.subnet.gateway)) }
    }
  }

  @Test("a network that offers nothing loses nothing; of routed guests it is their TAP that counts")
  func offered() async throws {
    try await Site.use { site in
      _ = try await site.sh("iptables-nft -P INPUT DROP")
      try await site.manager.createNetwork(NetworkRequest(name: "closed", hostAccess: try HostAccess.parse("none")))
      _ = try await site.guest("a", in: "closed")
      try await site.manager.createNetwork(NetworkRequest(name: "routed", mode: .routed))
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      let guest = try await site.guest("b", in: "routed")
      let finding = try #require(try await site.manager.diagnose().first { $0.subject == "host-access" })
      #expect(finding.verdict == .warning && finding.message.contains("network routed"))
      _ = try await site.sh(try #require(finding.advice))
      #expect(try await guest.ping(IPv4Address(172, 30, 2, 1)))
    }
  }
}
