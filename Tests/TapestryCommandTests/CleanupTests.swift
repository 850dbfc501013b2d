import TestKit
import Testing

@Suite("cleanup on the command line", .needsKernel)
struct CleanupTests {
  /// Every sysctl of IPv4, IPv6 and bridges; some cannot be read, which is no difference.
  private func sysctls(_ rig: CommandRig) async throws -> [Substring] {
    let text = try await rig.namespace.command(
      "sh", "-c", "cd /proc/sys/net; find ipv4 ipv6 bridge -type f | sort | xargs grep -s '' || true")
    return text.split(separator: "\n")
  }

  @Test("puts everything back: links, addresses, routes, rulesets, and every sysctl, whatever it was")
  func everything() async throws {
    try await CommandRig.use { rig in
      // Somebody else's things, and settings that are not the kernel's own.
      for command in [
        "ip link add theirs0 type ifb", "ip address add 198.51.100.1/24 dev theirs0", "ip link set theirs0 up",
        "ip tuntap add dev theirs1 mode tap", "nft add table inet theirs",
        "sysctl -q -w net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.theirs0.forwarding=1",
        "sysctl -q -w net.ipv4.conf.default.rp_filter=2 net.ipv4.conf.all.send_redirects=0",
      ] {
        try await rig.namespace.command("sh", "-c", command)
      }
      let before = (state: try await rig.kernelState(), sysctls: try await sysctls(rig))

      _ = try await rig.output("network", "create", "blue", "--mtu", "1400")
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("attach", "b", "--network", "blue")
      #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n")
      #expect(try await rig.output("cleanup") == "")
      #expect(try await rig.kernelState() == before.state)
      let changes = try await sysctls(rig).difference(from: before.sysctls)
      #expect(changes.isEmpty, "\(changes)")

      #expect(try await rig.output("ls", "-o", "json") == "[]\n")
      #expect(try await rig.json("network", "ls").elements.count == 1)
      #expect(try await rig.output("cleanup") == "")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("forwarding that was on before stays on")
  func forwarding() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
      let before = try await sysctls(rig)
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("cleanup")
      #expect(try await sysctls(rig) == before)
    }
  }

  @Test("--network takes down one network with its attachments, and leaves the others alone")
  func oneNetwork() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let before = try await rig.state()
      _ = try await rig.output("network", "create", "blue")
      _ = try await rig.output("attach", "b", "--network", "blue")
      #expect(try await rig.output("cleanup", "--network", "blue") == "")
      try await rig.expectUnchanged(since: before)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test(
    "without a state file, it is refused; with one that was rebuilt, it removes what carries our mark, and nothing else"
  )
  func withoutState() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "svbr1", "type", "bridge")
      try await rig.namespace.command("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
      let before = try await rig.kernelState()
      _ = try await rig.output("attach", "a")
      try await rig.namespace.command("rm", rig.statePath, rig.statePath + "-wal", rig.statePath + "-shm")
      expectError(try await rig.tapestry("cleanup"), "STATE_MISMATCH", saying: "repair --adopt")
      _ = try await rig.output("repair", "--adopt")
      #expect(try await rig.output("cleanup") == "")
      #expect(try await rig.kernelState() == before)
    }
  }
}
