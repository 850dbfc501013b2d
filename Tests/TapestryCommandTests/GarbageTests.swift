import Linux
import TestKit
import Testing

@Suite("gc: what nobody uses any more", .needsKernel)
struct GarbageTests {
  @Test("an attachment that has ended is given back whole, and to nobody whose end would take it down")
  func again() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      let policy = ["--egress", "none", "--allow", "203.0.113.7", "--publish", "8080:80", "--rate-limit", "tx=1mbit"]
      let first = try await rig.json(["attach", "v", "--pid", "\(vmm.pid)"] + policy)
      #expect(first["pid"].int == Int(vmm.pid))
      let made = JSONValue.object(first.members.filter { $0.key != "pid" })
      _ = try await vmm.stop()
      #expect(try await rig.output("ls").contains("ended"))
      #expect(try await rig.json("attach", "v", "--dry-run")["attachment"] == made)
      #expect(try await rig.json("attach", "v") == made)
      #expect(try await rig.output("gc") == "nothing to collect\n")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("one that asks for something else comes anew, as it is previewed")
  func anew() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "v", "--pid", "\(vmm.pid)", "--egress", "none", "--publish", "8080:80")
      _ = try await vmm.stop()
      let wanted = ["attach", "v", "--egress", "internet"]
      let preview = try await rig.json(wanted + ["--dry-run"])
      #expect(!preview["plan"].elements.isEmpty)
      let made = try await rig.json(wanted)
      #expect(preview["attachment"] == made && made["published"].isNull && made["egress"]["egress"] == "internet")
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("a process that got the id of one that has ended does not count for it")
  func reusedID() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "a", "--pid", "\(vmm.pid)")
      _ = try await rig.output("attach", "b", "--pid", "\(vmm.pid)")
      #expect(try await rig.output("gc") == "nothing to collect\n")
      // As if the lease were of a process that had the same id before.
      try await rig.sql("UPDATE lease SET start_time = start_time - 1 WHERE vm = 'a'")
      #expect(
        try await rig.output("check")
          == "no drift\nprocess \(vmm.pid) of a/eth0 has ended: 'tapestry gc' removes its attachment\n")
      #expect(try await rig.output("gc", "--dry-run").hasPrefix("process \(vmm.pid) of a/eth0 has ended\n"))
      #expect(try await rig.output("gc").hasPrefix("process \(vmm.pid) of a/eth0 has ended\n"))
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["b"])
      try await rig.expectConsistent(1)
    }
  }

  @Test("the kernel itself gives the id of an ended process to another: that one does not count")
  func reusedByTheKernel() async throws {
    try await CommandRig.use { rig in
      // In a pid namespace of its own the next id can be chosen: proc_sys(5), ns_last_pid.
      let result = try await rig.shell(
        """
        exec unshare --pid --fork --mount-proc sh -ec '
        T="\(CommandRig.binary)"
        sleep 1000 & first=$!
        $T attach a --pid $first >&2
        kill -9 $first; wait $first || true
        # Start times are counted in ticks of 10 ms.
        sleep 0.05
        echo $((first - 1)) >/proc/sys/kernel/ns_last_pid
        sleep 1000 & second=$!
        echo $first $second
        $T gc
        $T check
        kill -9 $second'
        """)
      #expect(result.status == 0, "\(result)")
      let lines = result.stdout.split(separator: "\n")
      let pids = lines[0].split(separator: " ")
      #expect(pids[0] == pids[1])
      #expect(lines[1] == "process \(pids[0]) of a/eth0 has ended" && lines.last == "no drift", "\(result)")
    }
  }

  @Test("attachments of an earlier boot are released, with all that is left of them")
  func earlierBoot() async throws {
    try await CommandRig.use { rig in
      let address = try await rig.json("attach", "a")["guestIp"]
      _ = try await rig.output("attach", "b")
      try await rig.sql("UPDATE boot SET id = '00000000-0000-0000-0000-000000000000'")
      let preview = try await rig.output("gc", "--dry-run")
      #expect(preview.contains("svaeth0") && preview.contains("svbeth0"))
      #expect(try await !rig.link("svaeth0").isNull)
      #expect(try await rig.output("gc") == preview)
      #expect(try await rig.json("ls") == [])
      try await rig.expectConsistent(0)
      // The network is there as before, and the addresses wait their turn.
      let next = try await rig.json("attach", "c")["guestIp"]
      #expect(next != address && next == "172.30.0.4")
    }
  }

  @Test("links and elements with our mark and no lease go; what has no mark, or only looks like ours, stays as it is")
  func orphans() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      for command in [
        "ip link add theirs0 type bridge", "ip tuntap add dev theirs1 mode tap",
        "ip tuntap add dev theirs2 mode tap", "ip link set theirs2 alias tapestry",
        // Ours are bridges and TAPs: whatever else has the mark is not.
        "ip link add theirs3 type veth peer name theirs4", "ip link set theirs3 alias tapestry:default/x/eth0",
        "ip link set theirs1 master theirs0", "ip tuntap add dev svzzeth0 mode tap",
        "nft add table inet theirs", "nft 'add set inet theirs guests { type ifname; elements = { svaeth0 } ; }'",
      ] {
        try await rig.namespace.command("sh", "-c", command)
      }
      let before = try await rig.state()
      for command in [
        "ip link add gone0 type bridge", "ip link set gone0 alias tapestry:gone",
        "ip tuntap add dev gone1 mode tap", "ip link set gone1 alias tapestry:default/gone/eth0",
        "ip link set gone1 master gone0",
        "nft add element bridge tapestry guests '{ gone1 . 02:00:00:00:00:09 . 172.30.0.9 }'",
        "nft add element bridge tapestry macs '{ gone1 . 02:00:00:00:00:09 }'",
        "nft add element bridge tapestry about '{ gone1 . 02:00:00:00:00:09 . 0xac1e0009 }'",
      ] {
        try await rig.namespace.command("sh", "-c", command)
      }
      let broken = try await rig.state()
      let preview = try await rig.output("gc", "--dry-run")
      for name in ["gone0", "gone1", "172.30.0.9"] { #expect(preview.contains(name), "\(preview)") }
      #expect(!preview.contains("theirs") && !preview.contains("svzzeth0"))
      try await rig.expectUnchanged(since: broken)
      #expect(try await rig.output("gc") == preview)
      try await rig.expectUnchanged(since: before)
      #expect(try await rig.output("gc") == "nothing to collect\n")
    }
  }
}
