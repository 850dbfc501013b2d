import Glibc
import Linux
import TestKit
import Testing

@Suite("run, killed", .needsKernel)
struct RunKilledTests {
  @Test(
    "at any system call about the VMM's beginning: a VMM that runs has its network, and what none uses goes with gc")
  func beginning() async throws {
    try await CommandRig.use { rig in
      let pidFile = rig.directory + "/pid"
      _ = try await rig.output("network", "create", "default")
      let before = try await rig.kernelState()
      let calls = try await SystemCalls(of: rig, ["run", "a", "--", "sleep", "0.1"])
      // From the last steps of its attachment to where it waits for the VMM's end.
      let fork = try #require(calls.points.firstIndex { $0.call.hasPrefix("clone") || $0.call.hasSuffix("fork") })
      let wait = try #require(calls.points[fork...].firstIndex { $0.call == "poll" || $0.call == "ppoll" })
      var running = 0
      for point in calls.points[(fork - 3)...wait] {
        _ = unsafe unlink(pidFile)
        let result = try await rig.tapestry(
          ["run", "a", "--", "sh", "-c", "echo $$ >\(pidFile).new; mv \(pidFile).new \(pidFile); exec sleep 1000"],
          signal: "KILL", at: point)
        #expect(result.termination == .signaled(SIGKILL), "\(point): \(result)")
        let lease = try await rig.holder()
        // A VMM that has been released begins in its own time; one that has not, ends.
        _ = try await eventually {
          let hasBegun = unsafe access(pidFile, F_OK) == 0
          return try hasBegun || lease == nil || ProcessIdentity(running: lease ?? 0) == nil
        }
        let collected = try await rig.output("gc")
        let vmm =
          unsafe access(pidFile, F_OK) == 0 ? Int32(try await rig.namespace.command("cat", pidFile).dropLast()) : nil
        if let vmm {
          running += 1
          #expect(vmm == lease && collected == "nothing to collect\n", "\(point): \(collected)")
          #expect(try await !rig.link("svaeth0").isNull, "\(point)")
          _ = kill(vmm, SIGKILL)
          #expect(try await eventually { try ProcessIdentity(running: vmm) == nil })
          _ = try await rig.output("gc")
        }
        #expect(try await rig.kernelState() == before, "\(point)")
        #expect(try await rig.output("check") == "no drift\n", "\(point)")
      }
      // The last of these points are after the beginning.
      #expect(running > 0)
    }
  }
}
