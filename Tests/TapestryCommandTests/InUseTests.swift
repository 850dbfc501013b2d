import Glibc
import Linux
import NetTypes
import TestKit
import Testing

@Suite("An attachment in use", .needsKernel)
struct InUseTests {
  private static let gateway = IPv4Address(172, 30, 0, 1)

  /// Attaches a VM, tied to a process that has ended, and starts its guest, which is nobody's child that Tapestry knows.
  private static func daemon(_ rig: CommandRig, _ vm: String, network: String = "default") async throws -> StandInGuest
  {
    let launcher = try await rig.namespace.start("sleep", "600")
    let made = try await rig.json("attach", vm, "--network", network, "--pid", "\(launcher.pid)")
    let guest = try await rig.guest(made)
    try await launcher.stop()
    return guest
  }

  @Test(
    "is one whose TAP somebody has open, whatever has become of its process: nothing takes it down, and it pings on")
  func open() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "small", "--subnet", "203.0.113.0/29")
      let guest = try await Self.daemon(rig, "a")
      let other = try await Self.daemon(rig, "b", network: "small")
      let pings = { (what: String) async throws in
        #expect(try await guest.ping(Self.gateway), "\(what)")
        #expect(try await other.ping(IPv4Address(203, 0, 113, 1)), "\(what)")
      }
      try await pings("at first")
      #expect(try await rig.json("ls").elements.map { $0["endedPid"] } == [.null, .null])
      #expect(try await rig.output("gc", "--dry-run") == "nothing to collect\n")
      #expect(try await rig.output("gc") == "nothing to collect\n")
      try await pings("after gc")
      #expect(try await rig.output("check") == "no drift\n")
      #expect(try await rig.output("repair") == "nothing to repair\n")
      try await pings("after repair")
      // What looks for garbage when something is in the way.
      for vm in ["c", "d", "e", "f"] { _ = try await rig.output("attach", vm, "--network", "small") }
      expectError(try await rig.tapestry("attach", "g", "--network", "small"), "IP_EXHAUSTED")
      expectError(try await rig.tapestry("network", "rm", "small"), "NETWORK_IN_USE")
      try await pings("after what was in the way")
      // The same VM: it comes anew only where nobody is there.
      expectError(try await rig.tapestry("run", "a", "--", "true"), "ATTACHMENT_CONFLICT", saying: "svaeth0")
      _ = try await rig.output("attach", "b", "--network", "small", "--ip", "203.0.113.2")
      _ = try await rig.output("attach", "a")
      try await pings("after attach")
      // Down it has its carrier all the same.
      try await rig.namespace.command("ip", "link", "set", "svaeth0", "down")
      #expect(try await rig.output("gc") == "nothing to collect\n")
      _ = try await rig.output("repair")
      try await pings("after it was down")

      await guest.stop()
      #expect(try await rig.output("gc").contains("of a/eth0 has ended\n"))
      #expect(try await rig.link("svaeth0").isNull)
      #expect(try await other.ping(IPv4Address(203, 0, 113, 1)))
      await other.stop()
      _ = try await rig.output("network", "create", "later")
      expectError(try await rig.tapestry("network", "rm", "small"), "NETWORK_IN_USE", saying: "4 attachments")
      #expect(try await rig.json("ls", "--network", "small").elements.count == 4)
    }
  }

  @Test("is one whose process is of another PID namespace: from there alone it is judged by its number")
  func otherNamespace() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "a", "--pid", "\(vmm.pid)")
      let container = "unshare --pid --fork --mount-proc"
      for command in ["ls", "gc", "repair", "network create blue"] {
        _ = try await rig.shell("\(container) '\(CommandRig.binary)' \(command)").checked()
      }
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["a"])
      expectError(
        try await rig.shell("\(container) '\(CommandRig.binary)' run a -- true"), "ATTACHMENT_CONFLICT",
        saying: "process \(vmm.pid)")

      // The other way round: a number that means nothing here, or another process.
      let inside = try await rig.shell(
        """
        exec \(container) sh -ec '
        sleep 600 & echo $!
        "\(CommandRig.binary)" attach b --pid $! >&2
        "\(CommandRig.binary)" gc >&2'
        """)
      #expect(inside.status == 0 && inside.stderr.hasSuffix("nothing to collect\n"), "\(inside)")
      #expect(try await rig.output("gc") == "nothing to collect\n")
      #expect(try await rig.json("ls").elements.map { $0["endedPid"] } == [.null, .null])
      try await vmm.stop()
      #expect(try await rig.output("gc").hasPrefix("process \(vmm.pid) of a/eth0 has ended\n"))
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["b"])
    }
  }

  @Test("is run's, whose VMM has let its parent go: its guest pings on until it ends, then nothing is left")
  func background() async throws {
    try await CommandRig.use { rig in
      let go = rig.directory + "/go"
      let run = try await rig.start("run", "a", "--", "sh", "-c", "while [ ! -e \(go) ]; do sleep 0.05; done")
      #expect(try await eventually { try await rig.json("ls") != [] })
      let guest = try await rig.guest(try await rig.json("inspect", "a")[0])
      #expect(try await guest.ping(Self.gateway))
      try await rig.namespace.command("touch", go)
      // Until the parent has gone the lease is its.
      #expect(try await eventually { try await rig.holder() == run.pid })
      #expect(try await rig.output("gc") == "nothing to collect\n")
      #expect(try await guest.ping(Self.gateway))
      await guest.stop()
      #expect(try await run.wait().termination == .exited(0))
      #expect(try await rig.json("ls") == [])
      #expect(try await rig.link("svaeth0").isNull)
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("is not run's any more when somebody has detached it, and it is attached anew: run does not wait for that")
  func anew() async throws {
    try await CommandRig.use { rig in
      let go = rig.directory + "/go"
      let run = try await rig.start("run", "a", "--", "sh", "-c", "while [ ! -e \(go) ]; do sleep 0.05; done")
      #expect(try await eventually { try await rig.json("ls") != [] })
      _ = try await rig.output("detach", "a")
      let guest = try await rig.guest(try await rig.json("attach", "a"))
      try await rig.namespace.command("touch", go)
      #expect(try await run.wait().termination == .exited(0))
      #expect(try await guest.ping(Self.gateway))
    }
  }

  @Test("is run's, whose VMM has let its parent go before it opens its TAP, and signals reach it")
  func beforeItOpens() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("network", "create", "default")
      let before = try await rig.kernelState()
      let run = try await rig.start("run", "a", "--", "sh", "-c", "setsid sleep 600 & exit 0")
      #expect(try await eventually { try await rig.holder() == run.pid })
      #expect(try await rig.output("gc") == "nothing to collect\n")
      #expect(try await !rig.link("svaeth0").isNull)
      try run.kill(SIGTERM)
      #expect(try await run.wait().termination == .exited(0))
      #expect(try await rig.kernelState() == before)
      // What a VMM leaves behind that has failed, or has let go of its TAP, is not waited for.
      let failed = try await rig.tapestry("run", "a", "--", "sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & exit 3")
      #expect(failed.status == 3)
      #expect(try await rig.kernelState() == before)
    }
  }
}

extension CommandRig {
  /// A guest on the TAP of what `attach -o json` printed.
  func guest(_ made: JSONValue) async throws -> StandInGuest {
    try await StandInGuest(
      in: namespace, tap: try #require(made["tapName"].string),
      mac: try MACAddress(parsing: try #require(made["mac"].string)),
      address: try IPv4Address(parsing: try #require(made["guestIp"].string)),
      prefixLength: try #require(made["prefixLength"].int),
      gateway: try IPv4Address(parsing: try #require(made["gatewayIp"].string)))
  }
}
