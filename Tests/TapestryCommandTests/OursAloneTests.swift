import TestKit
import Testing

/// What existed before stays as it was, byte for byte, whatever Tapestry does beside it.
@Suite("Ours alone", .needsKernel)
struct OursAloneTests {
  private static let theirs = [
    "ip link add br9 type bridge stp_state 1 ageing_time 1234 vlan_filtering 0", "ip link set br9 mtu 1450 alias hello",
    "ip address add 198.51.100.1/24 dev br9", "ip link set br9 up",
    "ip tuntap add dev tap9 mode tap user 1000", "ip link set tap9 master br9", "ip link set tap9 group 7",
    "ip link add veth8 type veth peer name veth9", "ip link set veth8 up", "ip link set veth9 up",
    "ip address add 203.0.113.1/24 dev veth8", "ip route add 10.9.0.0/16 via 203.0.113.2",
    "ip neigh add 203.0.113.2 lladdr 02:00:00:00:00:99 dev veth8",
    "nft add table inet filter", "nft 'add chain inet filter forward { type filter hook forward priority 0; policy drop; }'",
    "nft 'add rule inet filter forward counter accept comment \"theirs\"'",
    "nft add table ip nat", "nft 'add chain ip nat postrouting { type nat hook postrouting priority 100; }'",
    "nft add rule ip nat postrouting ip saddr 10.0.0.0/8 masquerade",
    "nft add table bridge theirs", "nft 'add chain bridge theirs pre { type filter hook prerouting priority -300; }'",
    "nft 'add set inet filter guests { type ifname; elements = { svaeth0, svbr0 }; }'",
    "sysctl -q -w net.ipv4.conf.veth8.forwarding=1 net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.br9.send_redirects=0",
    "sysctl -q -w net.ipv4.conf.all.accept_redirects=0 net.ipv4.ip_local_port_range='20000 30000'",
  ]

  private static let names = ["lo", "br9", "tap9", "veth8", "veth9"]

  /// Links, addresses, routes, neighbours and rules, as the kernel's own tools print them, theirs alone.
  private func objects(_ rig: CommandRig) async throws -> [String] {
    var objects: [String] = []
    for name in Self.names {
      objects.append(try await rig.namespace.json("ip", "-d", "-j", "link", "show", "dev", name)[0].steady.description)
      objects.append(try await rig.namespace.command("ip", "-d", "-j", "address", "show", "dev", name).steadyLine)
      objects.append(try await rig.namespace.command("ip", "-d", "-j", "route", "show", "table", "all", "dev", name))
      objects.append(try await rig.namespace.command("ip", "-d", "-j", "neigh", "show", "dev", name))
    }
    objects.append(try await rig.namespace.command("ip", "-d", "-j", "rule"))
    let ruleset = try await rig.namespace.json("nft", "-j", "list", "ruleset")["nftables"].elements
    let theirs = ruleset.filter { entry in
      let object = entry.members.first?.value ?? .null
      return object["table"] != "tapestry" && !(entry.members["table"] != nil && object["name"] == "tapestry")
    }
    return objects + theirs.map(\.description)
  }

  private static let sysctlScript = """
    cd /proc/sys/net; for d in ipv4 ipv6 bridge netfilter; do [ -d $d ] && find $d -type f; done | sort |
    grep -vE '/(svbr|sva|svb)[^/]*/|/route/gc_|flush|nf_conntrack_count|tcp_mem|stable_secret' | xargs grep -s '' || true
    """

  private func sysctls(_ rig: CommandRig) async throws -> Set<Substring> {
    Set(try await rig.namespace.command("sh", "-c", Self.sysctlScript).split(separator: "\n"))
  }

  @Test("a bridge, a TAP, tables, chains, routes and sysctls of others stay as they were through every command")
  func everyCommand() async throws {
    try await CommandRig.use { rig in
      for command in Self.theirs { try await rig.namespace.command("sh", "-c", command) }
      let before = try await objects(rig)
      let sysctls = try await self.sysctls(rig)
      #expect(before.count > 25 && sysctls.count > 100)

      for (number, command) in [
        ["network", "create", "blue"], ["attach", "a"], ["attach", "b", "--network", "blue"], ["attach", "a"], ["check"],
        ["damage"], ["repair"], ["gc"], ["lose"], ["repair", "--adopt"], ["run", "c", "--", "true"], ["detach", "a"],
        ["network", "rm", "default"], ["cleanup", "--network", "blue"], ["attach", "a"], ["cleanup"],
      ].enumerated() {
        switch command[0] {
        case "damage":
          // Ours, so that there is much to repair.
          let script = "nft flush table inet tapestry; ip link del svaeth0; ip link del svbr1; sysctl -qw net.ipv4.ip_forward=1"
          try await rig.namespace.command("sh", "-c", script)
        case "lose": try await rig.namespace.command("sh", "-c", "rm \(rig.statePath)*")
        default: #expect(try await rig.tapestry(command).status == 0, "\(command)")
        }
        let changes = try await objects(rig).difference(from: before)
        #expect(changes.isEmpty, "\(command): \(changes)")
        // Forwarding is for the whole host, and the kernel changes that of each link with it: never more than these.
        let gone = sysctls.subtracting(try await self.sysctls(rig))
        #expect(
          gone.allSatisfy { $0.contains("ip_forward") || $0.contains("/forwarding:") || $0.contains("all/accept_redirects") },
          "\(number) \(command): \(gone)")
      }
    }
  }
}
