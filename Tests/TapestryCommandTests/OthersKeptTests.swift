import TestKit
import Testing

/// What existed before stays as it was, byte for byte, whatever Tapestry does beside it.
@Suite("What is not ours, beside every command,", .needsKernel)
struct OthersKeptTests {
  private static let theirs = [
    "ip link add br9 type bridge stp_state 1 ageing_time 1234", "ip link set br9 mtu 1450 alias hello",
    "ip address add 198.51.100.1/24 dev br9", "ip link set br9 up",
    "ip tuntap add dev tap9 mode tap user 1000", "ip link set tap9 master br9", "ip link set tap9 group 7",
    "ip link add veth8 type veth peer name veth9", "ip link set veth8 up", "ip link set veth9 up",
    "ip address add 203.0.113.1/24 dev veth8", "ip route add 10.9.0.0/16 via 203.0.113.2",
    "ip neigh add 203.0.113.2 lladdr 02:00:00:00:00:99 dev veth8",
    "nft add table inet filter",
    "nft 'add chain inet filter forward { type filter hook forward priority 0; policy drop; }'",
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
    let script = """
      for name in \(Self.names.joined(separator: " ")); do
        for what in "link show" "-4 address show" "-4 route show table all" "-4 neigh show"; do
          echo "[$(ip -d -j $what dev $name)]"
        done
      done
      ip -d -j rule
      """
    let objects = try await rig.namespace.command("sh", "-c", script).split(separator: "\n").map { line in
      try JSONValue(parsing: String(line)).steady.description
    }
    let ruleset = try await rig.namespace.json("nft", "-j", "list", "ruleset")["nftables"].elements
    return objects
      + ruleset.filter { entry in
        guard let (kind, object) = entry.members.first else { return false }
        return object[kind == "table" ? "name" : "table"] != "tapestry"
      }.map(\.description)
  }

  /// Every sysctl that is not of one of our links, or changes by itself.
  private func sysctls(_ rig: CommandRig) async throws -> Set<Substring> {
    let script = """
      cd /proc/sys/net; for d in ipv4 ipv6 bridge netfilter; do [ -d $d ] && find $d -type f; done | sort |
      grep -vE '/(sv)[^/]*/|/route/gc_|flush|nf_conntrack_count|tcp_mem|stable_secret' | xargs grep -s '' || true
      """
    return Set(try await rig.namespace.command("sh", "-c", script).split(separator: "\n"))
  }

  @Test("a bridge, a TAP, tables, chains, routes and sysctls of others stay as they were through every command")
  func everyCommand() async throws {
    try await CommandRig.use { rig in
      for command in Self.theirs { try await rig.namespace.command("sh", "-c", command) }
      let before = try await objects(rig)
      let sysctls = try await self.sysctls(rig)
      #expect(before.count > 25 && sysctls.count > 100)
      let look = { (what: String) async throws in
        let changes = try await objects(rig).difference(from: before)
        #expect(changes.isEmpty, "\(what): \(changes)")
        // Forwarding is for the whole host, and the kernel changes that of each link with it: never more than these.
        let gone = sysctls.subtracting(try await self.sysctls(rig))
        #expect(gone.allSatisfy { $0.contains("forward") || $0.contains("all/accept_redirects") }, "\(what): \(gone)")
      }
      let go = { (commands: String) async throws in
        let result = try await rig.shell("set -e; \(commands)")
        #expect(result.status == 0, "\(result)")
        try await look(commands)
      }

      try await go("tapestry network create blue; tapestry attach a; tapestry attach b --network blue; tapestry check")
      // Ours is damaged, so that there is much to repair.
      try await go(
        "nft flush table inet tapestry; ip link del svaeth0; ip link del svbr1; tapestry repair; tapestry gc")
      try await go("tapestry run c -- true; tapestry detach a; tapestry network rm default")
      let forwarding = try await self.sysctls(rig)
      #expect(forwarding != sysctls)
      // They may need it by now: it is not ours to turn off.
      try await go("tapestry cleanup --network blue")
      try await go("tapestry attach a; tapestry cleanup")
      #expect(try await self.sysctls(rig) == forwarding)
      // With the state file what sysctls were is lost, and nothing else.
      try await go("tapestry attach a; rm '\(rig.statePath)'*; tapestry repair --adopt")
      try await go("rm '\(rig.statePath)'*; tapestry repair --adopt; tapestry cleanup")
    }
  }

  // MARK: Sysctls

  private func values(_ rig: CommandRig) async throws -> [String] {
    let names = ["ip_forward", "conf/all/accept_redirects", "conf/ifb7/forwarding", "conf/default/forwarding"]
    let paths = names.map { "/proc/sys/net/ipv4/\($0)" }
    return try await rig.namespace.command(arguments: ["cat"] + paths).checked().stdout.split(separator: "\n").map(
      String.init)
  }

  private func useWithForwardingLink(_ body: (CommandRig) async throws -> Void) async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "ifb7", "type", "ifb")
      // Of the host's links this one forwards, and the host does not.
      try await rig.namespace.command("sysctl", "-qw", "net.ipv4.conf.ifb7.forwarding=1")
      #expect(try await values(rig) == ["0", "1", "1", "0"])
      try await body(rig)
    }
  }

  @Test("what sysctls were is put back after a crash in between, also where it was half done")
  func crash() async throws {
    try await useWithForwardingLink { rig in
      let before = try await values(rig)
      _ = try await rig.output("attach", "a")
      #expect(try await values(rig) == ["1", "0", "1", "1"])
      // Killed before the link's own value was back; the kernel has taken that along with the host's.
      let killed = try await rig.shell(
        "strace -qqo /dev/null -P /proc/sys/net/ipv4/ip_forward --inject=close:signal=KILL:when=2 '\(CommandRig.binary)' cleanup"
      )
      #expect(killed.status == 137, "\(killed)")
      #expect(try await values(rig) == ["0", "1", "0", "0"])
      _ = try await rig.output("cleanup")
      #expect(try await values(rig) == before)
    }
  }

  @Test("the values before the first network are put back, also where others have changed them since; no others")
  func changedMeanwhile() async throws {
    try await useWithForwardingLink { rig in
      let before = try await values(rig)
      for others in [
        "net.ipv4.ip_forward=0", "net.ipv4.ip_forward=1", "net.ipv4.conf.ifb7.forwarding=0",
        "net.ipv4.conf.all.accept_redirects=1",
      ] {
        for command in [["cleanup"], ["repair"]] {
          _ = try await rig.output("attach", "a")
          try await rig.namespace.command("sysctl", "-qw", others, "net.ipv4.conf.ifb7.rp_filter=2")
          _ = try await rig.output(command)
          _ = try await rig.output("cleanup")
          #expect(try await values(rig) == before, "\(others), \(command)")
          // What is not ours to change is theirs to keep.
          #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/conf/ifb7/rp_filter") == "2\n")
        }
      }
    }
  }

  @Test("forwarding that was on before is nobody's to turn off, unless others did: then it stays off")
  func onBefore() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("sysctl", "-qw", "net.ipv4.ip_forward=1")
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("cleanup")
      #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n")
      for mended in [false, true] {
        try await rig.namespace.command("sysctl", "-qw", "net.ipv4.ip_forward=1")
        _ = try await rig.output("attach", "a")
        try await rig.namespace.command("sysctl", "-qw", "net.ipv4.ip_forward=0")
        if mended { _ = try await rig.output("repair") }
        _ = try await rig.output("cleanup")
        #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") == "0\n")
      }
    }
  }
}

extension JSONValue {
  /// Without what follows the carrier and time.
  fileprivate var steady: JSONValue {
    switch self {
    case .array(let elements): .array(elements.filter { !Self.ofCarrier.contains($0) }.map(\.steady))
    case .object(let members):
      .object(members.filter { !$0.key.hasSuffix("_timer") && !Self.settling.contains($0.key) }.mapValues(\.steady))
    default: self
    }
  }

  private static let ofCarrier: Set<JSONValue> = ["LOWER_UP", "NO-CARRIER", "linkdown"]
  private static let settling: Set<String> = ["operstate", "state", "topology_change", "topology_change_detected"]
}
