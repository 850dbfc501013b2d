import FoundationEssentials
import TestKit
import Testing

/// Programs in the place of dnsmasq, in the test's own mount namespace.
@Suite("A name server that does not start", .needsKernel)
struct StuckNameServerTests {
  @Test("keeps nobody waiting but who started it")
  func hanging() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "green")
      _ = try await rig.output("attach", "a", "--network", "green")
      let before = try await rig.state()
      try await rig.replaceNameServer("exec sleep 1000")
      let create = try await rig.start("network", "create", "blue", "--dns-server")
      // It waits for its child, and holds neither byte of the state's lock, only its network's.
      #expect(
        try await eventually {
          let isWaiting = try await rig.namespace.command(arguments: ["pgrep", "-P", "\(create.pid)"]).status == 0
          let held = try await rig.heldBytes()
          return isWaiting && !held.isEmpty && held.allSatisfy { $0 > 1 }
        })
      _ = try await rig.output("attach", "b", "--network", "green")
      _ = try await rig.output("policy", "set", "b", "--egress", "none")
      _ = try await rig.output("detach", "b")
      // It is given 20 seconds.
      let result = try await create.wait()
      expectError(result, "NAME_SERVER_FAILED")
      #expect(!result.stderr.contains("Undoing"), "\(result.stderr)")
      #expect(try await rig.kernelState() == before.kernel)
      #expect(try await rig.output("check") == "no drift\n")
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d"))
    }
  }

  @Test("with an attachment's domains takes that back, and the others' name server goes on")
  func domains() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output(
        "network", "create", "blue", "--dns-server", "--egress", "none", "--subnet", "10.7.0.0/24", "--allow-inter-vm")
      _ = try await rig.output("attach", "a", "--network", "blue", "--allow-domain", "example.net")
      try await rig.replaceNameServer(
        """
        case "$*" in *example.org*) echo "dnsmasq: not today" >&2; exit 5;; esac
        exec "$REAL" "$@"
        """)
      let before = try await rig.kernelState()
      let result = try await rig.tapestry("attach", "b", "--network", "blue", "--allow-domain", "example.org")
      expectError(result, "NAME_SERVER_FAILED", saying: "not today")
      #expect(!result.stderr.contains("Undoing"), "\(result.stderr)")
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["a"])
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.output("check") == "no drift\n")
      let answer = try await rig.namespace.command("busybox", "nslookup", "-type=a", "a.blue.internal", "10.7.0.1")
      #expect(answer.contains("Address: 10.7.0.2"), "\(answer)")
    }
  }

  @Test("because it was killed is started by one of those who attach at once, and none fails")
  func many() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue", "--dns-server", "--egress", "none")
      let pid = try await rig.namespace.command("cat", "\(rig.statePath).d/network-blue/pid").filter(\.isNumber)
      try await rig.namespace.command("kill", "-KILL", pid)
      try await withThrowingTaskGroup(of: CommandResult.self) { group in
        for number in 0..<6 {
          group.addTask {
            try await rig.tapestry(
              "attach", "vm\(number)", "--network", "blue", "--allow-domain", "a\(number % 2).example")
          }
        }
        for try await result in group { #expect(result.status == 0, "\(result)") }
      }
      #expect(try await rig.output("check") == "no drift\n")
      #expect(try await rig.json("ls").elements.count == 6)
    }
  }

  @Test("for a policy leaves that written down, is said, and is mended by repair")
  func policy() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue", "--dns-server", "--egress", "none")
      _ = try await rig.output("attach", "a", "--network", "blue")
      try await rig.replaceNameServer("[ -e \(rig.directory)/broken ] && exit 5; exec \"$REAL\" \"$@\"")
      try await rig.namespace.command("touch", "\(rig.directory)/broken")
      let result = try await rig.tapestry("policy", "add", "a", "--allow-domain", "example.org")
      expectError(result, "NAME_SERVER_FAILED", saying: "Run the same command again")
      #expect(try await rig.output("policy", "show", "a").contains("example.org"))
      let check = try await rig.tapestry("check")
      #expect(check.status == 2 && check.stdout.contains("dnsmasq of network blue is not running"), "\(check)")
      try await rig.namespace.command("rm", "\(rig.directory)/broken")
      _ = try await rig.output("repair")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }
}

extension CommandRig {
  /// The first bytes of the ranges of the state's lock file that anybody holds, as /proc/locks has them.
  fileprivate func heldBytes() async throws -> [UInt64] {
    let inode = try await namespace.command("stat", "-c", "%i", "\(statePath).lock").filter(\.isNumber)
    return try await namespace.command("cat", "/proc/locks").split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count >= 8, words[1] == "OFDLCK", words[5].hasSuffix(":\(inode)") else { return nil }
      return UInt64(words[6])
    }
  }

  /// Puts a shell script in the place of dnsmasq, which it finds as `$REAL`.
  fileprivate func replaceNameServer(_ script: String) async throws {
    let program = try await namespace.command("sh", "-c", "command -v dnsmasq").filter { !$0.isNewline }
    try await namespace.command("cp", program, "\(directory)/dnsmasq")
    let path = "\(directory)/stand-in"
    // A process of another test, forked while this one writes, has the file open for writing: what is run is a copy, which
    // it never had (ETXTBSY, execve(2)).
    try Data("#!/bin/sh\nREAL=\(directory)/dnsmasq\n\(script)\n".utf8).write(to: URL(filePath: "\(path).text"))
    try await namespace.command("cp", "\(path).text", path)
    try await namespace.command("chmod", "755", directory, path)
    try await namespace.command("mount", "--bind", path, program)
  }
}
