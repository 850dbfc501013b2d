import FoundationEssentials
import TestKit
import Testing

@Suite("Name servers on the command line", .needsKernel)
struct NameServerTests {
  @Test("are asked for with a network, shown, named in the boot arguments, and outlive the command")
  func life() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json(
        "network", "create", "blue", "--dns-server", "--dns-upstream", "198.51.100.53", "--allow-inter-vm", "--subnet",
        "10.7.0.0/24")
      #expect(made["dnsServer"] == ["domain": "blue.internal", "upstream": ["198.51.100.53"]] && made["dns"] == [])
      let shown = try await rig.output("network", "show", "blue")
      #expect(shown.contains("dns           10.7.0.1\n"), "\(shown)")
      #expect(shown.contains("DNS server    for blue.internal, upstream 198.51.100.53\n"), "\(shown)")
      #expect(try await rig.json("network", "show", "default")["dnsServer"].isNull)

      let attached = try await rig.json("attach", "web-1", "--network", "blue")
      #expect(attached["domainName"] == "web-1.blue.internal")
      #expect(attached["bootArgs"].string?.hasSuffix(":off:10.7.0.1") == true)
      #expect(try await rig.output("inspect", "web-1").contains("name          web-1.blue.internal\n"))

      let pid = try await rig.namespace.command("cat", "\(rig.statePath).d/network-blue/pid").filter(\.isNumber)
      // It holds nothing of the command's: neither the state file, nor its lock, nor where it was started.
      let held = try await rig.namespace.command("sh", "-c", "readlink /proc/\(pid)/fd/* /proc/\(pid)/cwd")
      #expect(!held.contains(rig.directory), "\(held)")
      #expect(held.hasSuffix("\n/\n"), "\(held)")
      let identity = try await rig.namespace.command("cat", "/proc/\(pid)/status")
      #expect(!identity.contains("Uid:\t0\t"), "\(identity)")
      let answer = try await rig.namespace.command("busybox", "nslookup", "-type=a", "web-1.blue.internal", "10.7.0.1")
      #expect(answer.contains("Address: 10.7.0.2"), "\(answer)")

      #expect(try await rig.output("check") == "no drift\n")
      _ = try await rig.output("detach", "web-1")
      _ = try await rig.output("network", "rm", "blue")
      #expect(try await rig.namespace.command(arguments: ["test", "-e", "/proc/\(pid)/cwd"]).status == 1)
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d"))
    }
  }

  @Test("that cannot be are refused, and nothing is left")
  func refused() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "web-1")
      let before = try await rig.state()
      let cases: [([String], String, String)] = [
        (["network", "create", "a", "--dns-server", "--dns-upstream", "x"], "INVALID_ADDRESS", "--dns-upstream"),
        (
          ["network", "create", "a", "--subnet", "10.7.0.0/24", "--dns-server", "--dns-upstream", "10.7.0.1"],
          "INVALID_ADDRESS", "own gateway"
        ),
      ]
      for (words, code, text) in cases {
        expectError(try await rig.tapestry(words), code, saying: text)
        try await rig.expectUnchanged(since: before)
      }
      #expect(try await rig.tapestry(["network", "create", "a", "--dns-upstream", "192.0.2.1"]).status == 64)

      // In the mount namespace of the test, where it is as if it were not installed.
      let program = try await rig.namespace.command("sh", "-c", "command -v dnsmasq").filter { !$0.isNewline }
      try await rig.namespace.command("mount", "--bind", "/dev/null", program)
      let missing = try await rig.tapestry(["network", "create", "a", "--dns-server"])
      expectError(missing, "NAME_SERVER_FAILED", saying: "dnsmasq-base")
      #expect(try await rig.output("network", "ls", "-o", "json").contains("\"a\"") == false)
      #expect(try await rig.output("check") == "no drift\n")
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d"))
    }
  }

  @Test(
    "that a kill has left, of a network that is gone already, is stopped by the same command",
    arguments: [["network", "rm", "blue"], ["cleanup", "--network", "blue"]])
  func left(command: [String]) async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue", "--dns-server")
      let pid = try await rig.namespace.command("cat", "\(rig.statePath).d/network-blue/pid").filter(\.isNumber)
      // A name server is stopped when the lock is free again: after the network has left the state file.
      try await rig.sql("DELETE FROM network WHERE name = 'blue'")
      expectError(try await rig.tapestry(command), "NETWORK_NOT_FOUND")
      #expect(try await rig.namespace.command(arguments: ["test", "-e", "/proc/\(pid)/cwd"]).status == 1)
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d/network-blue"))
    }
  }

  @Test("do not run where others may not go: a state file in a closed directory is refused")
  func closed() async throws {
    try await CommandRig.use { rig in
      try await rig.namespace.command("chmod", "700", rig.directory)
      let inner = rig.directory + "/closed"
      let open = try await rig.tapestry(["network", "create", "a", "--dns-server"])
      #expect(open.status == 0, "\(open.stderr)")
      // The state file's own directory lets others pass, and shows them nothing.
      let mode = try await rig.namespace.command("stat", "-c", "%a", rig.directory)
      #expect(mode == "701\n")
      _ = try await rig.output("cleanup")
      try await rig.namespace.command("chmod", "700", rig.directory)
      // Where there is more in it than the state file, it is not ours to open.
      try await rig.namespace.command("touch", rig.directory + "/letters")
      let shared = try await rig.tapestry(["network", "create", "a", "--dns-server"])
      expectError(shared, "NAME_SERVER_FAILED", saying: rig.directory)
      let refused = try await rig.tapestry(
        ["network", "create", "a", "--dns-server", "--state", inner + "/state.db"])
      expectError(refused, "NAME_SERVER_FAILED", saying: rig.directory)
    }
  }
}
