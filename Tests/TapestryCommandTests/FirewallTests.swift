import TestKit
import Testing

@Suite("Others' firewalls, on the command line", .needsKernel)
struct FirewallTests {
  private static let mended = """
    chain 'ip filter FORWARD' drops packets of network default
      → accept packets of network default, from and to 172.30.0.0/24, in chain 'ip filter FORWARD'

    """

  @Test("are looked through by every command that compares: a network's rules come and go with it, and are put back")
  func comeAndGo() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.shell(
        """
        iptables-nft -P FORWARD DROP
        iptables-nft -N DOCKER-USER
        iptables-nft -A FORWARD -j DOCKER-USER
        iptables-nft -A DOCKER-USER -j RETURN
        """
      ).checked()
      func rules() async throws -> String { try await rig.namespace.command("iptables-nft", "-S") }
      let theirs = try await rules()
      #expect(try await rig.output("doctor").contains("each network will get accept rules"))
      #expect(try await rig.output("attach", "a", "--dry-run").contains("in chain 'ip filter FORWARD'"))
      #expect(try await rules() == theirs)

      _ = try await rig.output("attach", "a")
      let both = try await rules()
      #expect(
        both.contains(#"-A FORWARD -d 172.30.0.0/24 -m comment --comment "tapestry: network default" -j ACCEPT"#))
      _ = try await rig.output("network", "create", "blue", "--subnet", "172.31.0.0/24")
      #expect(
        try await rules().contains(#"-A FORWARD -s 172.31.0.0/24 -m comment --comment "tapestry: network blue""#))
      _ = try await rig.output("network", "rm", "blue")
      #expect(try await rules() == both)

      try await rig.namespace.command("iptables-nft", "-F", "FORWARD")
      let check = try await rig.tapestry("check")
      #expect(check.status == 2 && check.stdout == Self.mended)
      let doctor = try await rig.tapestry("doctor")
      #expect(doctor.status == 2 && doctor.stdout.contains("lacks accept rules for default"))
      #expect(try await rig.output("repair", "--dry-run") == Self.mended)
      #expect(try await rig.output("repair") == Self.mended)
      #expect(try await rig.output("check") == "no drift\n")
      try await rig.namespace.command("iptables-nft", "-A", "FORWARD", "-j", "DOCKER-USER")
      #expect(try await rules() == both)

      // Forwarding stays on beside them, which is told.
      _ = try await rig.tapestry("cleanup").checked()
      #expect(try await rules() == theirs)
    }
  }

  private static let mended6 = """
    chain 'ip6 filter FORWARD' drops IPv6 packets of network six
      → accept packets of network six, from and to 2001:db8:7::/64, in chain 'ip6 filter FORWARD'

    """

  @Test("those of IPv6 as well, for the networks that have it")
  func ipv6() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.shell(
        """
        ip6tables-nft -P FORWARD DROP
        ip6tables-nft -N DOCKER-USER
        ip6tables-nft -A FORWARD -j DOCKER-USER
        """
      ).checked()
      func rules() async throws -> String { try await rig.namespace.command("ip6tables-nft", "-S") }
      let theirs = try await rules()
      _ = try await rig.output("attach", "a")
      #expect(try await rules() == theirs)
      #expect(try await rig.output("check") == "no drift\n")

      _ = try await rig.output("network", "create", "six", "--subnet6", "2001:db8:7::/64")
      let both = try await rules()
      for end in ["-s", "-d"] {
        #expect(
          both.contains(
            #"-A FORWARD \#(end) 2001:db8:7::/64 -m comment --comment "tapestry: network six" -j ACCEPT"#))
      }
      try await rig.namespace.command("ip6tables-nft", "-F", "FORWARD")
      let check = try await rig.tapestry("check")
      #expect(check.status == 2 && check.stdout == Self.mended6)
      let doctor = try await rig.tapestry("doctor")
      #expect(doctor.status == 2 && doctor.stdout.contains("lacks accept rules for six"))
      #expect(!doctor.stdout.contains("ip6tables -I"))
      #expect(try await rig.output("repair") == Self.mended6)
      #expect(try await rig.output("check") == "no drift\n")
      try await rig.namespace.command("ip6tables-nft", "-A", "FORWARD", "-j", "DOCKER-USER")
      #expect(try await rules() == both)

      _ = try await rig.tapestry("network", "rm", "six").checked()
      #expect(try await rules() == theirs)
    }
  }

  @Test("a table that its owner alone can change is not ours to mend, and says what to do")
  func owned() async throws {
    try await CommandRig.use { rig in
      let table = "table inet theirs { flags owner; chain fw { type filter hook forward priority 0; policy drop; }; }"
      let owner = try await rig.namespace.start(
        "bash", "-c", "exec nft -i < <(echo 'add \(table)'; exec sleep 1000)")
      #expect(try await eventually { try await rig.shell("nft list table inet theirs").status == 0 })
      _ = try await rig.output("attach", "a")
      let check = try await rig.tapestry("check")
      #expect(check.status == 2 && check.stdout.hasSuffix("  → Tapestry cannot repair this\n"))
      #expect(check.stdout.contains("nft insert rule inet theirs fw ip saddr 172.30.0.0/24 accept"))
      _ = try await owner.stop()
    }
  }
}
