import TestKit
import Testing

@Suite("check, repair, gc and cleanup on the command line", .needsKernel)
struct DriftTests {
  @Test("drift: check says what and ends with 2, repair mends it, then there is none")
  func repair() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("attach", "b")
      #expect(try await rig.output("check") == "no drift\n")
      #expect(try await rig.output("check", "-o", "json") == "[]\n")
      #expect(try await rig.output("repair") == "nothing to repair\n")
      #expect(try await rig.output("repair", "-o", "json") == "[]\n")
      let sound = try await rig.kernelState()

      try await rig.namespace.command("ip", "link", "set", "svaeth0", "down")
      try await rig.namespace.command("ip", "link", "set", "svbr0", "mtu", "1400")
      let broken = try await rig.state()
      let text = """
        bridge svbr0 has MTU 1400 instead of 1500
          → set bridge svbr0: mtu 1500, up
        TAP svaeth0 of a/eth0 is down
          → set TAP svaeth0 of a/eth0: master svbr0, isolated, mtu 1500, up

        """
      let check = try await rig.tapestry("check")
      #expect(check.status == 2 && check.stdout == text && check.stderr == "")
      let json = try await rig.tapestry("check", "-o", "json")
      #expect(json.status == 2 && json.stderr == "")
      #expect(
        try JSONValue(parsing: json.stdout)[0] == [
          "kind": "bridge", "network": "default", "description": "bridge svbr0 has MTU 1400 instead of 1500",
          "step": "set bridge svbr0: mtu 1500, up",
        ])
      let tap = try JSONValue(parsing: json.stdout)[1]
      #expect(tap["kind"] == "tap" && tap["vmId"] == "a" && tap["interfaceId"] == "eth0")
      #expect(try await rig.output("repair", "--dry-run") == text)
      #expect(try await rig.output("repair", "--dry-run", "-o", "json") == json.stdout)
      try await rig.expectUnchanged(since: broken)

      #expect(try await rig.output("repair") == text)
      #expect(try await rig.kernelState() == sound)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("whatever others have done, check says so with status 2, and repair mends it")
  func hands() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      _ = try await rig.output("attach", "b")
      let sound = try await rig.kernelShape()
      for (command, words) in [
        ("nft flush ruleset", "are missing"), ("nft delete table inet tapestry", "were altered"),
        ("nft add rule inet tapestry input accept", "were altered"),
        ("ip link del svaeth0", "svaeth0 of a/eth0 is missing"),
        ("ip link del svbr0", "bridge svbr0 is missing"), ("ip addr flush dev svbr0", "lacks its address"),
        ("sysctl -qw net.ipv4.ip_forward=0", "ip_forward is 0"), ("ip link set svaeth0 down", "is down"),
        ("ip link set svaeth0 nomaster", "is not a port of svbr0"),
      ] {
        _ = try await rig.shell(command).checked()
        let check = try await rig.tapestry("check")
        #expect(check.status == 2 && check.stdout.contains(words) && check.stderr == "", "\(command): \(check)")
        #expect(try await rig.output("repair") == check.stdout, "\(command)")
        #expect(try await rig.tapestry("check").status == 0, "\(command)")
      }
      #expect(try await rig.kernelShape() == sound)
    }
  }

  @Test("what only its owner can mend is drift without a step, and an error of repair")
  func conflict() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      try await rig.namespace.command("ip", "link", "del", "svbr0")
      try await rig.namespace.command("ip", "link", "add", "svbr0", "type", "bridge")
      let check = try await rig.tapestry("check", "-o", "json")
      #expect(check.status == 2)
      let drift = try JSONValue(parsing: check.stdout).elements.first { $0["step"].isNull }
      #expect(drift?["description"].string?.contains("'svbr0' is a bridge link that Tapestry did not make") == true)
      #expect(try await rig.tapestry("check").stdout.contains("\n  → Tapestry cannot repair this\n"))
      expectError(try await rig.tapestry("repair"), "NOT_OWNED", saying: "'svbr0'")
      #expect(try await rig.link("svbr0")["ifalias"].isNull)
    }
  }

  @Test("a lost state file: repair refuses, says what to do, and repair --adopt does it")
  func adopt() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "blue", "--dns", "198.51.100.53", "--no-nat")
      _ = try await rig.output("attach", "a", "--owner", "1000")
      _ = try await rig.output("attach", "b", "--network", "blue")
      let listed = try await rig.output("ls")
      let networks = try await rig.output("network", "ls")
      try await rig.namespace.command("rm", rig.statePath, rig.statePath + "-wal", rig.statePath + "-shm")
      let before = try await rig.kernelState()

      expectError(try await rig.tapestry("repair"), "STATE_MISMATCH", saying: "repair --adopt")
      let preview = try await rig.output("repair", "--adopt", "--dry-run")
      #expect(preview.contains("network blue is not in the state file\n  → adopt network blue, "))
      let unknown = try await rig.tapestry("ls", "-o", "json")
      #expect(unknown.stdout == "[]\n" && unknown.stderr.contains("STATE_MISMATCH"))
      #expect(try await rig.output("repair", "--adopt") == preview)
      #expect(try await rig.output("ls") == listed)
      #expect(try await rig.output("network", "ls") == networks)
      #expect(try await rig.output("check") == "no drift\n")
      // The tables, which say whose they are, were made anew.
      let links = { (state: String) in state.split(separator: "\n").filter { !$0.hasPrefix("\t") } }
      #expect(links(try await rig.kernelState()) == links(before))
      #expect(try await rig.output("repair", "--adopt") == "nothing to repair\n")
    }
  }

  @Test("repair --adopt ends with 2 if it cannot adopt something, such as a TAP whose address was lost with the tables")
  func adoptsNotAll() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      try await rig.namespace.command("rm", rig.statePath, rig.statePath + "-wal", rig.statePath + "-shm")
      try await rig.namespace.command("nft", "flush", "ruleset")
      for arguments in [["--dry-run"], []] {
        let result = try await rig.tapestry(["repair", "--adopt"] + arguments)
        #expect(result.status == 2 && result.stderr == "", "\(result)")
        #expect(result.stdout.contains("\n  → Tapestry cannot repair this\n"), "\(result)")
      }
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("gc takes down what belongs to a process that has ended, and nothing else")
  func garbage() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "a", "--pid", "\(vmm.pid)")
      _ = try await rig.output("attach", "b")
      #expect(try await rig.output("gc") == "nothing to collect\n")
      try await vmm.stop()
      let ended = try await rig.state()
      let preview = try await rig.output("gc", "--dry-run")
      #expect(preview.hasPrefix("process \(vmm.pid) of a/eth0 has ended\n"))
      try await rig.expectUnchanged(since: ended)
      #expect(try await rig.output("gc") == preview)
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["b"])
      #expect(try await rig.output("gc", "-o", "json") == "[]\n")
    }
  }
}
