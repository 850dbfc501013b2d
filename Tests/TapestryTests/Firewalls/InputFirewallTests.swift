import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Firewalls that keep guests from the host", .needsKernel)
struct InputFirewallTests {
  /// As words of sh(1); and what guests of a bridge with a name server and IPv6 lose by it.
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
    ("iptables-legacy -t mangle -P INPUT DROP", ["ping", "name", "DHCP"]),
    (
      "nft 'table inet mine { chain input { type filter hook input priority 0; policy drop; iif lo accept; ct state vmap { established : accept, related : accept, invalid : drop }; tcp dport 22 accept; }; }'",
      ["ping", "name", "DHCP", "ping6", "neighbour", "router"]
    ),
    (
      "nft 'table inet mine { chain input { type filter hook input priority 0; policy drop; icmp type { echo-request } accept; udp dport { 50-60, 67 } accept; }; }'",
      ["ping6", "neighbour", "router"]
    ),
    (
      "nft 'table inet mine { chain input { type filter hook input priority 0; iifname vmap { BRIDGE : jump guests }; }; chain guests { udp dport 53 accept; drop; }; }'",
      ["ping", "DHCP", "ping6", "neighbour", "router"]
    ),
    (
      "nft 'table ip mine { chain input { type filter hook input priority 0; policy drop; meta mark 1 accept; }; }'", []
    ),
    (
      "nft 'table ip mine { chain input { type filter hook input priority 0; fib daddr type broadcast drop; }; }'",
      ["DHCP"]
    ),
    (
      "nft 'table ip mine { chain input { type filter hook input priority 0; udp dport != 1000-2000 drop; }; }'",
      ["name", "DHCP"]
    ),
    ("ip6tables-nft -P INPUT DROP", ["ping6", "neighbour", "router"]),
    ("ip6tables-nft -P INPUT DROP; ip6tables-nft -A INPUT -p ipv6-icmp -j ACCEPT", []),
    (
      """
      ip6tables-nft -P INPUT DROP
      ip6tables-nft -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED -j ACCEPT
      """, ["ping6"]
    ),
    (
      """
      nft 'table ip6 mine { chain input { type filter hook input priority 0; policy drop; \
      icmpv6 type { nd-neighbor-solicit, nd-router-solicit, nd-neighbor-advert } accept; }; }'
      """, ["ping6"]
    ),
    (
      """
      nft 'table inet mine { chain input { type filter hook input priority 0; policy drop; \
      meta nfproto ipv4 accept; ip6 daddr ff02::/16 accept; ip6 saddr fe80::/10 ip6 daddr fe80::/10 accept; }; }'
      """, ["ping6"]
    ),
    (
      "iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      ["ping", "name", "DHCP"]
    ),
    (
      """
      iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT -p icmp --icmp-type echo-request -j ACCEPT
      iptables-legacy -A INPUT -p udp -m multiport --dports 53,67 -j ACCEPT
      """, []
    ),
    (
      """
      iptables-legacy -N guests; iptables-legacy -A INPUT -i BRIDGE -g guests
      iptables-legacy -A guests -p udp --dport 67 -j ACCEPT; iptables-legacy -A guests -j REJECT
      """, ["ping", "name"]
    ),
    ("iptables-legacy -P INPUT DROP; iptables-legacy -A INPUT ! -i uplink -j ACCEPT", []),
    ("ip6tables-legacy -P INPUT DROP", ["ping6", "neighbour", "router"]),
    (
      """
      ip6tables-legacy -P INPUT DROP
      ip6tables-legacy -A INPUT -p ipv6-icmp --icmpv6-type neighbour-solicitation -j ACCEPT
      ip6tables-legacy -A INPUT -p ipv6-icmp --icmpv6-type neighbour-advertisement -j ACCEPT
      """, ["ping6", "router"]
    ),
  ]

  /// What a finding of each says.
  private static let words = [
    "ping": "drops pings from guests", "ping6": "drops IPv6 pings", "name": "DNS queries", "DHCP": "DHCP requests",
    "neighbour": "neighbour discovery", "router": "router solicitations",
  ]

  @Test(
    "are named by doctor, with what mends it, where what a network offers is certainly dropped; no others",
    arguments: firewalls.indices)
  func named(number: Int) async throws {
    let (start, lost) = Self.firewalls[number]
    try await InnerSite.use(subnet6: .site, nameServer: NameServer(upstreams: [Site.server])) { inner in
      let (site, network) = (inner.site, inner.network)
      let guest = try await site.guest("web-1", in: "inner")
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      _ = try await site.sh(
        start.replacing("BRIDGE", with: "\(network.bridge)").replacing("SUBNET", with: "\(network.subnet)"))
      let findings = try await site.manager.diagnose().filter { $0.subject == "host-access" }
      let named = Set(Self.words.filter { word in findings.contains { $0.message.contains(word.value) } }.keys)
      #expect(named == lost && findings.count == lost.count, "\(findings)")
      if lost.contains("ping") {
        #expect(try await !guest.ping(network.subnet.gateway, within: Firewall.soon))
      }
      if lost.contains("ping6") {
        #expect(try await !guest.ping(inner.hostAddress6, within: Firewall.soon))
      }
      for finding in findings { _ = try await site.sh(try #require(finding.advice)) }
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      if !start.contains("mark") { #expect(try await guest.ping(network.subnet.gateway)) }
      #expect(try await guest.ping(inner.hostAddress6))
    }
  }

  @Test("a network that offers nothing loses nothing; of routed guests it is their TAP that counts")
  func offered() async throws {
    try await Site.use { site in
      _ = try await site.sh("iptables-nft -P INPUT DROP")
      try await site.manager.createNetwork(
        NetworkRequest(name: "closed", settings: NetworkSettings(hostAccess: try HostAccess(parsing: "none"))))
      _ = try await site.guest("a", in: "closed")
      try await site.manager.createNetwork(NetworkRequest(name: "routed", mode: .routed))
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      let guest = try await site.guest("b", in: "routed")
      let other = try await site.guest("c", in: "routed")
      let finding = try #require(try await site.manager.diagnose().first { $0.subject == "host-access" })
      #expect(finding.verdict == .warning && finding.message.contains("network routed"))
      _ = try await site.sh(try #require(finding.advice))
      #expect(try await site.manager.diagnose().filter { $0.subject == "host-access" } == [])
      for guest in [guest, other] { #expect(try await guest.ping(IPv4Address(172, 30, 2, 1))) }
    }
  }
}
