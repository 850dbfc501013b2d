import TestKit
import Testing

/// What needs forwarding and is not ours, and the words by which it is named.
struct ForwardingUser: Sendable, CustomTestStringConvertible {
  var words: String
  var start: String

  var testDescription: String { words }

  static let all = [
    Self(words: "bridge docker0", start: "ip link add docker0 type bridge; ip link set docker0 up"),
    Self(words: "veth veth8", start: "ip link add veth8 type veth peer name veth9; ip link set veth8 up"),
    Self(words: "tun tailscale0", start: "ip tuntap add tailscale0 mode tun; ip link set tailscale0 up"),
    Self(
      words: "chain 'ip nat POSTROUTING'",
      start: "iptables-nft -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE"),
    Self(
      words: "chain 'POSTROUTING of iptables-legacy -t nat'",
      start: "iptables-legacy -t nat -A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE"),
    Self(
      words: "chain 'FORWARD of iptables-legacy -t mangle'",
      start: "iptables-legacy -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"),
    Self(words: "chain 'ip6 filter FORWARD'", start: "ip6tables-nft -A FORWARD -i docker0 -j ACCEPT"),
    Self(words: "chain 'FORWARD of iptables-legacy'", start: "iptables-legacy -A FORWARD -i docker0 -j ACCEPT"),
    Self(
      words: "chain 'inet mine forward'",
      start:
        "nft 'table inet mine { chain forward { type filter hook forward priority 0; ct state established accept; }; }'"
    ),
  ]
}

@Suite("Forwarding that others may need", .needsKernel)
struct ForwardingKeptTests {
  private func values(_ rig: CommandRig) async throws -> String {
    try await rig.namespace.command(
      "sh", "-c",
      "cd /proc/sys/net; cat ipv4/ip_forward ipv4/conf/ifb7/forwarding ipv6/conf/all/forwarding ipv6/conf/ifb7/accept_ra"
    )
  }

  @Test(
    "stays on when the last network goes, with all that came with it, and the command says for whom",
    arguments: ForwardingUser.all, [["cleanup"], ["network", "rm", "six"]])
  func stays(user: ForwardingUser, command: [String]) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.shell("ip link add ifb7 type ifb").checked()
      let before = try await values(rig)
      _ = try await rig.output("network", "create", "six", "--subnet6", "2001:db8:7::/64")
      let during = try await values(rig)
      #expect(during != before)
      _ = try await rig.shell(user.start).checked()
      let result = try await rig.tapestry(command).checked()
      #expect(result.stderr.split(separator: "\n").count == 1 && result.stderr.contains(user.words), "\(result.stderr)")
      #expect(try await values(rig) == during)
      // It was said once, and is nobody's to mend.
      #expect(try await rig.output("check") == "no drift\n")
      _ = try await rig.output("repair")
      #expect(try await values(rig) == during)
    }
  }

  @Test("of IPv6 it stays on while networks without it are left")
  func ofIPv6() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("network", "create", "six", "--subnet6", "2001:db8:7::/64")
      _ = try await rig.shell("ip link add docker0 type bridge; ip link set docker0 up").checked()
      let result = try await rig.tapestry("network", "rm", "six").checked()
      #expect(result.stderr.contains("bridge docker0"))
      #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv6/conf/all/forwarding") == "1\n")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("is put back beside what does not need it: the uplink, links that are down, chains without rules, our own")
  func isPutBack() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.shell(
        """
        ip link add uplink type veth peer name isp; ip link set uplink up; ip address add 198.51.100.1/24 dev uplink
        ip route add default via 198.51.100.2
        ip link add br9 type bridge; ip link add ifb9 type ifb; ip link set ifb9 up
        iptables-nft -P FORWARD DROP; iptables-legacy -P FORWARD DROP
        iptables-nft -t nat -L -n >/dev/null; iptables-legacy -t nat -L -n >/dev/null
        """
      ).checked()
      let before = try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward")
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("cleanup")
      #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") == before)
    }
  }
}
