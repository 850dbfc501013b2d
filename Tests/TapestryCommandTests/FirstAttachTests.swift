import TestKit
import Testing

@Suite("What fails halfway the first time", .needsKernel)
struct FirstAttachTests {
  @Test(
    "an attach that gets no TAP takes the network back that it has made: bridge, tables, forwarding and record",
    arguments: [
      ("mount -t tmpfs none /dev/net", "KERNEL_UNSUPPORTED"),
      // A device that is there, and is another one.
      ("mount --bind /dev/null /dev/net/tun", "TAP_CREATE_FAILED"),
    ])
  func noTap(hindrance: String, code: String) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("gc")
      try await rig.namespace.command("sysctl", "-qw", "net.ipv4.ip_forward=0")
      let before = try await rig.state()
      try await rig.namespace.command("sh", "-c", hindrance)
      for command in [
        ["attach", "a"], ["attach", "a", "--egress", "internet", "--publish", "8080:80"], ["run", "a", "--", "true"],
        ["attach", "a", "--allow", "198.51.100.0/24", "--rate-limit", "tx=10mbit,rx=10mbit"],
      ] {
        let result = try await rig.tapestry(command)
        expectError(result, code, saying: "svaeth0")
        #expect(!result.stderr.contains("Undoing"), "\(result)")
        try await rig.expectUnchanged(since: before, "\(command)")
      }
    }
  }

  @Test(
    "an attach to a network that was there takes back its own part alone", arguments: ["bridge", "routed", "clone"])
  func network(mode: String) async throws {
    try await CommandRig.use { rig in
      let snapshot = mode == "clone" ? ["--guest-ip", "10.0.0.2/24", "--guest-mac", "02:00:00:00:00:01"] : []
      _ = try await rig.output(["network", "create", "blue", "--mode", mode] + snapshot)
      let before = try await rig.state()
      try await rig.namespace.command("sh", "-c", "mount -t tmpfs none /dev/net")
      expectError(try await rig.tapestry("attach", "a", "--network", "blue"), "KERNEL_UNSUPPORTED")
      try await rig.namespace.command("umount", "/dev/net")
      // But for the address that it had, which goes to the back of the queue.
      #expect(try await rig.kernelState() == before.kernel)
      #expect(try await rig.output("check") == "no drift\n")
      #expect(try await rig.json("ls") == [])
      #expect(try await rig.json("network", "ls").elements.map { $0["name"] } == ["blue", "default"])
    }
  }

  @Test("a network that cannot be made as a whole is not made at all", arguments: ["bridge", "routed"])
  func create(mode: String) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("gc")
      let before = try await rig.state()
      // All is made before the name server is started, which then cannot be.
      try await rig.namespace.command("sh", "-c", "mount --bind /dev/null $(command -v dnsmasq)")
      let result = try await rig.tapestry(
        "network", "create", "blue", "--mode", mode, "--dns-server", "--subnet6", "fd00:1::/64")
      expectError(result, "NAME_SERVER_FAILED")
      try await rig.expectUnchanged(since: before)
    }
  }

  @Test("a bridge's name that is somebody else's: nothing is begun", arguments: ["bridge", "routed", "clone"])
  func foreignBridge(mode: String) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("gc")
      try await rig.namespace.command("ip", "link", "add", "svbr0", "type", "veth", "peer", "name", "theirs0")
      let before = try await rig.state()
      let snapshot = mode == "clone" ? ["--guest-ip", "10.0.0.2/24", "--guest-mac", "02:00:00:00:00:01"] : []
      for command in [
        ["network", "create", "blue", "--mode", mode, "--bridge", "svbr0"] + snapshot, ["attach", "a"],
        ["run", "a", "--", "true"],
      ] {
        expectError(try await rig.tapestry(command), "NOT_OWNED", saying: "'svbr0'")
        try await rig.expectUnchanged(since: before, "\(command)")
      }
    }
  }
}
