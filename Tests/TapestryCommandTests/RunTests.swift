import FoundationEssentials
import Linux
import TestKit
import Testing

@Suite("run: a command's life with an attachment", .needsKernel)
struct RunTests {
  @Test("the command sees every placeholder filled in, and other braces as they are")
  func placeholders() async throws {
    try await CommandRig.use { rig in
      let result = try await rig.tapestry(
        "run", "web-1", "--", "printf", "%s\n", "{vmId}/{interfaceId}/{network}", "ifname={tapName},mac={mac}",
        "{guestIp}/{prefixLength} {gatewayIp} {subnetMask} {mtu} {bridge}", "console=ttyS0 {bootArgs} quiet",
        "{}{tapname}{{mac}}{", "", "}{mac", "{ mac }", "{mac}{mac}"
      ).checked()
      #expect(
        result.stdout == """
          web-1/eth0/default
          ifname=svweb1eth0,mac=02:f9:6b:cd:74:69
          172.30.0.2/24 172.30.0.1 255.255.255.0 1500 svbr0
          console=ttyS0 ip=172.30.0.2::172.30.0.1:255.255.255.0::eth0:off quiet
          {}{tapname}{02:f9:6b:cd:74:69}{

          }{mac
          { mac }
          02:f9:6b:cd:74:6902:f9:6b:cd:74:69

          """)
      #expect(result.stderr == "")
    }
  }

  @Test("while the command runs it has its TAP; when it has ended nothing is left but the network")
  func attachment() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "default")
      let before = try await rig.kernelState()
      let result = try await rig.tapestry(
        "run", "web-1", "--interface", "eth1", "--ip", "172.30.0.9", "--owner", "1000", "--", "sh", "-c",
        "ip -br link show master svbr0; cat /sys/class/net/{tapName}/owner; '\(CommandRig.binary)' ls")
      #expect(result.status == 0)
      let words = result.stdout.split(whereSeparator: \.isWhitespace)
      #expect(words.first == "svweb1eth1")
      #expect(words.contains("1000"))
      #expect(
        words.suffix(8) == [
          "web-1", "eth1", "default", "172.30.0.9", "02:fa:6b:cd:74:69", "svweb1eth1", "1000", "attached",
        ])
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.output("ls", "-o", "json") == "[]\n")
    }
  }

  @Test("environment, working directory and standard streams are the caller's; no other descriptor is passed on")
  func inheritance() async throws {
    try await CommandRig.use { rig in
      let script = "cat; echo to stderr >&2; echo \"$GREETING\"; pwd; cd /proc/self/fd && echo *"
      let result = try await rig.tapestry(
        "run", "a", "--", "sh", "-c", script, environment: ["GREETING": "good morning"], input: "from stdin\n")
      #expect(result.status == 0)
      let lines = result.stdout.split(separator: "\n").map(String.init)
      #expect(Array(lines.prefix(2)) == ["from stdin", "good morning"])
      #expect(lines[2] == FileManager.default.currentDirectoryPath)
      // What the test's own process was given and passes on too, the command line has as well.
      let own = try await rig.namespace.command("sh", "-c", "cd /proc/self/fd && echo *")
      #expect(lines[3] + "\n" == own)
      #expect(result.stderr == "to stderr\n")
    }
  }

  @Test("the command's exit status is given back", arguments: [0, 1, 2, 7, 64, 127, 255] as [Int32])
  func status(status: Int32) async throws {
    try await CommandRig.use { rig in
      let result = try await rig.tapestry("run", "a", "--", "sh", "-c", "exit \(status)")
      #expect(result.termination == .exited(status))
      #expect(result.stdout == "" && result.stderr == "")
      let json = try await rig.tapestry("run", "a", "-o", "json", "--", "sh", "-c", "exit \(status)")
      #expect(json.termination == .exited(status) && json.stdout == "" && json.stderr == "")
      #expect(try await rig.output("ls", "-o", "json") == "[]\n")
    }
  }

  @Test("a command that is not there is 127, one that cannot be executed 126, and nothing is left of either")
  func notStarted() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "default")
      let before = try await rig.kernelState()
      let missing = try await rig.tapestry("run", "a", "--", "no-such-command")
      #expect(missing.status == 127 && missing.stdout == "")
      #expect(missing.stderr.hasPrefix("error: Cannot run 'no-such-command': "))
      #expect(missing.stderr.hasSuffix(" (RUN_FAILED)\n"))
      let refused = try await rig.tapestry("run", "a", "-o", "json", "--", "/etc/passwd")
      #expect(refused.status == 126 && refused.stdout == "")
      #expect(try JSONValue(parsing: refused.stderr)["error"]["code"] == "RUN_FAILED")
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.output("ls", "-o", "json") == "[]\n")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("without a command, or without '--' before it, nothing is done")
  func usage() async throws {
    try await CommandRig.use { rig in
      expectUsageError(try await rig.tapestry("run", "a"), saying: "after '--'")
      expectUsageError(try await rig.tapestry("run", "a", "--"), saying: "after '--'")
      expectUsageError(try await rig.tapestry("run", "a", "true"))
      expectUsageError(try await rig.tapestry("run", "--", "true"), saying: "<vm>")
      expectUsageError(try await rig.tapestry("run", "a", "--pid", "1", "--", "true"), saying: "--pid")
      #expect(!FileManager.default.fileExists(atPath: rig.statePath))
    }
  }

  @Test("what attach is refused, run is refused, and the command is not run")
  func refused() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let mark = rig.directory + "/ran"
      try await rig.expectRefused("ADDRESS_IN_USE", [["run", "b", "--ip", "172.30.0.2", "--", "touch", mark]])
      try await rig.expectRefused("INVALID_NAME", [["run", "b c", "--", "touch", mark]])
      try await rig.expectRefused("NETWORK_NOT_FOUND", [["run", "b", "--network", "blue", "--", "touch", mark]])
      #expect(!FileManager.default.fileExists(atPath: mark))
    }
  }
}
