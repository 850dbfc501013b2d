import TestKit
import Testing

/// What is somebody else's is never taken, changed or removed.
@Suite("What is in the way, and somebody else's", .needsKernel)
struct ForeignThingsTests {
  @Test("a bridge's name that is somebody else's link, whatever its kind")
  func bridge() async throws {
    try await CommandRig.use { rig in
      for command in [
        "ip link add br9 type bridge", "ip tuntap add dev tap9 mode tap", "ip tuntap add dev tun9 mode tun",
        "ip link add veth9 type veth peer name veth8", "ip link add link veth9 name veth9.100 type vlan id 100 || true",
        "ip link add mv9 link veth9 type macvlan || true", "ip link add dummy9 type dummy || true",
        "ip link add aliased type bridge",
        "ip link set aliased alias 'tapestry:blue/x'", "ip link property add dev br9 altname second9",
        // Marked like ours, but no bridge; and another network's.
        "ip link add fake9 type veth peer name fake8", "ip link set fake9 alias tapestry:blue",
        "ip link add other9 type bridge", "ip link set other9 alias tapestry:other",
      ] {
        try await rig.namespace.command("sh", "-c", command)
      }
      _ = try await rig.output("attach", "a")
      // All links that there are: not every kernel has VLANs and the like.
      let names = try await rig.namespace.json("ip", "-j", "link").elements.compactMap { $0["ifname"].string }
      #expect(names.count >= 12)
      try await rig.expectRefused(
        "NOT_OWNED", names.filter { $0 != "svbr0" }.map { ["network", "create", "blue", "--bridge", $0] })
      expectError(
        try await rig.tapestry("network", "create", "blue", "--bridge", "tap9"), "NOT_OWNED",
        saying: "'tap9' is a tun link that Tapestry did not make")
      // The kernel itself keeps a second name from other links.
      let result = try await rig.tapestry("network", "create", "blue", "--bridge", "second9")
      #expect(result.status == 1)
      #expect(try await rig.link("br9")["altnames"] == ["second9"])
      expectError(try await rig.tapestry("network", "create", "blue", "--bridge", "svbr0"), "NETWORK_EXISTS")
    }
  }

  @Test("svbr0 that is somebody else's is left alone, and attach says what to do")
  func defaultBridge() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "svbr0", "type", "bridge")
      _ = try await rig.output("gc")
      try await rig.expectRefused(
        "NOT_OWNED", [["attach", "a"], ["attach", "a", "--dry-run"], ["run", "a", "--", "true"]])
      _ = try await rig.output("network", "create", "default", "--bridge", "svbr1")
      #expect(try await rig.json("attach", "a")["bridge"] == "svbr1")
    }
  }

  @Test("a subnet that overlaps the host's addresses or routes, another network, or what no guest can have: named")
  func subnet() async throws {
    try await CommandRig.use { rig in
      for command in [
        "ip link add up0 type veth peer name up1", "ip address add 198.51.100.2/24 dev up0", "ip link set up0 up",
        "ip link set up1 up", "ip route add 10.20.0.0/16 via 198.51.100.1", "ip route add unreachable 10.30.0.0/16",
        "ip route add default via 198.51.100.1",
      ] {
        try await rig.namespace.command("sh", "-c", command)
      }
      _ = try await rig.output("attach", "a")
      let before = try await rig.state()
      for (subnet, words) in [
        ("198.51.100.0/25", "the host's address 198.51.100.2/24 on up0"),
        ("198.51.0.0/16", "the host's address 198.51.100.2/24 on up0"),
        ("10.20.30.0/24", "the host's route to 10.20.0.0/16 on up0"),
        ("10.16.0.0/12", "the host's route to 10.20.0.0/16 on up0"),
        ("10.30.0.0/24", "the host's route to 10.30.0.0/16"),
        ("172.30.0.128/25", "172.30.0.0/24 of network 'default'"),
        ("172.16.0.0/12", "172.30.0.0/24 of network 'default'"),
        ("127.0.0.0/8", "127.0.0.0/8, the loopback addresses"),
        ("169.254.169.0/24", "169.254.0.0/16, the link-local addresses"),
        ("224.0.0.0/24", "224.0.0.0/4, the multicast addresses"), ("0.0.0.0/1", "0.0.0.0/8"),
      ] {
        let result = try await rig.tapestry("network", "create", "blue", "--subnet", subnet)
        expectError(result, "SUBNET_OVERLAP", saying: words)
      }
      try await rig.expectUnchanged(since: before)
      #expect(try await rig.json("network", "create", "blue", "--subnet", "10.21.0.0/16")["subnet"] == "10.21.0.0/16")
    }
  }

  @Test("a TAP's name that is somebody else's link: another name is found, theirs stays as it is")
  func tap() async throws {
    try await CommandRig.use { rig in
      for name in ["svaeth0", "svbeth0"] {
        try await rig.namespace.command("ip", "tuntap", "add", "dev", name, "mode", "tap")
      }
      let theirs = try await rig.link("svaeth0")
      let first = try await rig.json("attach", "a")["tapName"].string ?? ""
      #expect(first.hasPrefix("sva") && first != "svaeth0" && first.count == 12)
      #expect(try await rig.json("attach", "b")["tapName"] != "svbeth0")
      #expect(try await rig.output("check") == "no drift\n")
      _ = try await rig.output("cleanup")
      #expect(try await rig.link("svaeth0") == theirs)
    }
  }

  @Test("tables called tapestry that are somebody else's are left alone")
  func tables() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("nft", "add", "table", "inet", "tapestry")
      _ = try await rig.output("gc")
      try await rig.expectRefused("NOT_OWNED", [["attach", "a"], ["network", "create", "blue"]])
      expectError(try await rig.tapestry("attach", "a"), "NOT_OWNED", saying: "nft list tables")
    }
  }
}
