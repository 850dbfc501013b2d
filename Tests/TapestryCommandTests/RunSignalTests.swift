import Glibc
import Linux
import TestKit
import Testing

@Suite("run: whatever way it ends", .needsKernel)
struct RunSignalTests {
  /// A command that tells when it is ready, and waits.
  private static let waiting = ["sh", "-c", "trap 'exit 9' USR2; echo ready; while :; do sleep 0.02; done"]

  private func start(_ rig: CommandRig, _ command: [String] = waiting, vm: String = "a") async throws -> RunningCommand
  {
    let running = try await rig.namespace.start(
      arguments: [CommandRig.binary, "run", vm, "--"] + command, environment: rig.environment)
    try await running.waitForOutput(containing: "ready")
    return running
  }

  private func expectNothingLeft(_ rig: CommandRig) async throws {
    #expect(try await rig.json("ls") == [])
    #expect(try await rig.link("svaeth0").isNull)
    #expect(try await rig.output("check") == "no drift\n")
  }

  @Test(
    "a signal to tapestry reaches the command, whose end takes everything down",
    arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
  func passedOn(signal: Int32) async throws {
    try await CommandRig.use { rig in
      let running = try await start(rig)
      try running.kill(signal)
      let result = try await running.wait()
      #expect(result.termination == .exited(128 + signal))
      #expect(result.stderr == "")
      try await expectNothingLeft(rig)
    }
  }

  @Test("a signal that the command handles is its to answer")
  func handled() async throws {
    try await CommandRig.use { rig in
      let running = try await start(rig)
      try running.kill(SIGUSR2)
      #expect(try await running.wait().termination == .exited(9))
      try await expectNothingLeft(rig)
    }
  }

  @Test("a command that ignores SIGTERM keeps its network until it ends")
  func ignored() async throws {
    try await CommandRig.use { rig in
      let running = try await start(
        rig,
        ["sh", "-c", "trap 'echo not yet' TERM; echo ready; while [ ! -e \(rig.directory)/end ]; do sleep 0.02; done"])
      try running.kill(SIGTERM)
      try await running.waitForOutput(containing: "not yet")
      #expect(try await rig.json("ls").elements.count == 1)
      try await rig.namespace.command("touch", rig.directory + "/end")
      #expect(try await running.wait().termination == .exited(0))
      try await expectNothingLeft(rig)
    }
  }

  @Test("a command that is killed is 137, and everything is taken down")
  func killed() async throws {
    try await CommandRig.use { rig in
      let result = try await rig.tapestry("run", "a", "--", "sh", "-c", "kill -9 $$")
      #expect(result.termination == .exited(137))
      try await expectNothingLeft(rig)
    }
  }

  @Test("when tapestry itself is killed the VMM keeps its network, and gc takes that down after its end")
  func orphaned() async throws {
    try await CommandRig.use { rig in
      let pidFile = rig.directory + "/pid"
      let running = try await start(rig, ["sh", "-c", "echo $$ > \(pidFile); echo ready; exec sleep 1000"])
      // Until the lease names the VMM itself, it is tied to tapestry.
      let vmm = try #require(Int32(try await rig.namespace.command("cat", pidFile).dropLast()))
      while try await !rig.storeState().contains(",\(vmm),") { try await Task.sleep(for: .milliseconds(5)) }

      try running.kill(SIGKILL)
      _ = try await running.wait()
      #expect(try await rig.json("ls").elements.count == 1)
      #expect(try await rig.output("check") == "no drift\n")
      #expect(try await rig.output("gc") == "nothing to collect\n")

      try await rig.namespace.command("kill", "-9", "\(vmm)")
      while try ProcessIdentity(running: vmm) != nil { try await Task.sleep(for: .milliseconds(5)) }
      #expect(try await rig.output("gc").hasPrefix("process \(vmm) of a/eth0 has ended\n"))
      try await expectNothingLeft(rig)
    }
  }

  @Test("an interface that a running process holds is refused, and that process keeps it")
  func held() async throws {
    try await CommandRig.use { rig in
      let running = try await start(rig)
      let before = try await rig.kernelState()
      let second = try await rig.tapestry("run", "a", "--", "true")
      expectError(second, "ATTACHMENT_CONFLICT", saying: "is held by process", "tapestry detach a")
      #expect(try await rig.kernelState() == before)
      // Another interface of the same VM is another matter.
      #expect(try await rig.tapestry("run", "a", "--interface", "eth1", "--", "true").status == 0)
      try running.kill(SIGTERM)
      _ = try await running.wait()
      try await expectNothingLeft(rig)
    }
  }

  @Test("an attachment made by hand before is used, and taken down all the same")
  func takenOver() async throws {
    try await CommandRig.use { rig in
      let made = try await rig.json("attach", "a")
      let result = try await rig.tapestry("run", "a", "--", "echo", "{guestIp}")
      #expect(result.stdout.dropLast() == made["guestIp"].string ?? "")
      try await expectNothingLeft(rig)
    }
  }

  @Test("detached by somebody else meanwhile, it ends in peace, and leaves what was attached anew alone")
  func detachedMeanwhile() async throws {
    try await CommandRig.use { rig in
      let running = try await start(rig)
      _ = try await rig.output("detach", "a")
      let anew = try await rig.json("attach", "a")
      try running.kill(SIGTERM)
      let result = try await running.wait()
      #expect(result.termination == .exited(143) && result.stderr == "")
      #expect(try await rig.json("ls") == [anew])
      #expect(try await rig.output("check") == "no drift\n")
    }
  }
}
