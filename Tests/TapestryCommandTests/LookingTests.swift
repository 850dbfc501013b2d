import FoundationEssentials
import Glibc
import TestKit
import Testing

@Suite("Commands that look", .needsKernel)
struct LookingTests {
  /// Each with the exit status that it may have.
  private static let commands: [(words: [String], statuses: [Int32])] = [
    (["ls"], [0]), (["ls", "-o", "json"], [0]), (["ls", "--network", "default"], [0]), (["inspect", "a"], [0, 1]),
    (["policy", "show", "a"], [0, 1]), (["policy", "show", "--network", "default"], [0]), (["network", "ls"], [0]),
    (["network", "show", "default"], [0]), (["check"], [0, 2]), (["check", "-o", "json"], [0, 2]),
    (["doctor"], [0, 2]),
    (["gc", "--dry-run"], [0, 1]), (["repair", "--dry-run"], [0, 1]), (["repair", "--adopt", "--dry-run"], [0, 2]),
    (["attach", "b", "--dry-run"], [0]), (["attach", "a", "--dry-run", "-o", "json"], [0]),
  ]

  /// Runs each, and expects nothing to have changed.
  private static func expectNothingChanged(_ rig: CommandRig, _ what: String) async throws {
    let before = (try await rig.kernelState(), try await files(rig))
    for (words, statuses) in commands {
      let result = try await rig.tapestry(words)
      #expect(statuses.contains(result.status), "\(what): \(words): \(result)")
      let after = (try await rig.kernelState(), try await files(rig))
      #expect(after.0 == before.0 && after.1 == before.1, "\(what): \(words): \(after.1)")
    }
  }

  /// Names and contents of all files, as the namespace sees them.
  private static func files(_ rig: CommandRig) async throws -> String {
    try await rig.namespace.command(
      "sh", "-c",
      "cd '\(rig.directory)' && find . | sort && find . -type f ! -name 'state.db-shm' | sort | xargs -r sha256sum")
  }

  @Test("make no state file, no lock and no folder where there are none")
  func nothing() async throws {
    try await CommandRig.use { rig in
      try await Self.expectNothingChanged(rig, "no state file")
      let elsewhere = rig.directory + "/a/b/state.db"
      #expect(try await rig.tapestry("ls", "-o", "json", "--state", elsewhere).stdout == "[]\n")
      #expect(try await rig.tapestry("check", "--state", elsewhere).stdout == "no drift\n")
      #expect(!FileManager.default.fileExists(atPath: rig.directory + "/a"))
    }
  }

  @Test("change nothing of what is there: not what is well, half-made or gone, nor what a VM that has ended leaves")
  func something() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "a", "--pid", "\(vmm.pid)")
      _ = try await rig.output("attach", "well")
      _ = try await rig.output("attach", "pending")
      _ = try await rig.output("attach", "releasing")
      try await vmm.stop()
      for state in ["pending", "releasing"] {
        try await rig.sql("UPDATE lease SET state = '\(state)' WHERE vm = '\(state)'")
      }
      try await rig.namespace.command("ip", "link", "set", "svwelleth0", "down")
      try await rig.namespace.command("ip", "tuntap", "add", "ghost0", "mode", "tap")
      try await rig.namespace.command("ip", "link", "set", "ghost0", "alias", "tapestry:default/ghost/eth0")
      try await Self.expectNothingChanged(rig, "as it is")
      try FileManager.default.removeItem(atPath: rig.statePath + ".lock")
      try await Self.expectNothingChanged(rig, "without a lock")
      try await rig.sql("UPDATE boot SET id = '00000000-0000-0000-0000-000000000000'")
      try await Self.expectNothingChanged(rig, "of an earlier boot")
    }
  }

  @Test("work where the state file is for reading only, and its folder too")
  func readOnly() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      let listed = try await rig.output("ls")
      try await rig.namespace.command("mount", "--bind", rig.directory, rig.directory)
      try await rig.namespace.command("mount", "-o", "remount,bind,ro", rig.directory)
      #expect(try await rig.output("ls") == listed)
      #expect(try await rig.output("check") == "no drift\n")
      try await Self.expectNothingChanged(rig, "for reading only")
      expectError(try await rig.tapestry("attach", "b"), "STATE_UNAVAILABLE", saying: "EROFS")
      try await rig.namespace.command("umount", rig.directory)
    }
  }

  @Test("show a VM whose process has ended as such; it is no drift, gc takes it down")
  func ended() async throws {
    try await CommandRig.use { rig in
      let vmm = try await rig.namespace.start("sleep", "600")
      _ = try await rig.output("attach", "a", "--pid", "\(vmm.pid)")
      _ = try await rig.output("attach", "b")
      let running = try await rig.json("ls")
      #expect(running.elements.map { $0["endedPid"] } == [.null, .null])
      try await vmm.stop()
      let ended = try await rig.json("ls")
      #expect(ended.elements.map { $0["vmId"] } == ["a", "b"])
      #expect(ended.elements.map { $0["endedPid"] } == [.int(Int(vmm.pid)), .null])
      let lines = try await rig.output("ls").split(separator: "\n")
      #expect(lines.map { $0.hasSuffix("  ended") } == [false, true, false], "\(lines)")
      #expect(try await rig.output("inspect", "a").contains("'tapestry gc' removes this attachment"))
      #expect(try await rig.output("check", "-o", "json") == "[]\n")
      let check = try await rig.output("check")
      #expect(check.hasPrefix("no drift\nprocess \(vmm.pid) of a/eth0 has ended: 'tapestry gc'"), "\(check)")
      #expect(try await rig.output("repair") == "nothing to repair\n")
      #expect(try await rig.json("ls") == ended)
      _ = try await rig.output("gc")
      #expect(try await rig.json("ls").elements.map { $0["vmId"] } == ["b"])
      #expect(try await rig.output("check") == "no drift\n")
    }
  }

  @Test("promise nothing that repair refuses: where the state file is lost, check says so and ends with 2")
  func refusal() async throws {
    try await CommandRig.use { rig in
      _ = try await rig.output("attach", "a")
      try await rig.namespace.command("rm", rig.statePath, rig.statePath + "-wal", rig.statePath + "-shm")
      let refused = try await rig.tapestry("repair")
      expectError(refused, "STATE_MISMATCH", saying: "repair --adopt")
      let check = try await rig.tapestry("check", "-o", "json")
      #expect(check.status == 2)
      let drift = try JSONValue(parsing: check.stdout)
      #expect(drift.elements.count == 1 && drift[0]["step"].isNull, "\(drift)")
      #expect(refused.stderr.contains(drift[0]["description"].string ?? "?"), "\(drift)")
    }
  }
}
