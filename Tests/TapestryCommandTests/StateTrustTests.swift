import FoundationEssentials
import Glibc
import TestKit
import Testing

@Suite("A state file that others can change, on the command line", .needsKernel)
struct StateTrustTests {
  private static func mode(_ path: String) -> mode_t {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test("is refused by every command, which says what to do, and what links beside it lead to is as it was")
  func links() async throws {
    try await CommandRig.use { rig in
      let victim = rig.directory + "/victim"
      try FileManager.default.createDirectory(atPath: victim, withIntermediateDirectories: false)
      let folder = rig.directory + "/folder"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      #expect(unsafe chmod(victim, 0o700) == 0 && chmod(folder, 0o777) == 0)
      let state = folder + "/state.db"
      #expect(unsafe symlink(victim, state + ".d") == 0 && symlink(victim + "/lock", state + ".lock") == 0)
      let before = try await rig.kernelState()
      for (mode, part, words) in [
        (UInt32(0o777), folder, "chmod go-w"), (0o1777, folder, "a directory of its own"),
        (0o755, state, "a symbolic link"),
      ] {
        #expect(unsafe chmod(folder, mode) == 0)
        for command in [
          ["network", "create", "blue", "--dns-server"], ["attach", "web-1"], ["check"], ["repair"], ["cleanup"],
          ["ls"],
        ] {
          let result = try await rig.tapestry(command + ["--state", state])
          #expect(
            result.status == 1 && result.stderr.contains("(STATE_UNAVAILABLE)") && result.stderr.contains("'\(part)")
              && result.stderr.contains(words), "\(command): \(result.stderr)")
        }
      }
      #expect(Self.mode(victim) == 0o700)
      #expect(try FileManager.default.contentsOfDirectory(atPath: victim) == [])
      #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder)) == ["state.db.d", "state.db.lock"])
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("has no sysctl written that it names and Tapestry does not change")
  func sysctls() async throws {
    // All are of the namespace alone.
    for name in ["net/ipv4/conf/lo/log_martians", "net/ipv4/conf/../conf/lo/log_martians"] {
      try await CommandRig.use { rig in
        _ = try await rig.output("network", "create", "blue")
        try await rig.sql("INSERT INTO sysctl VALUES ('\(name)', '1')")
        let result = try await rig.tapestry("cleanup")
        #expect(result.status == 1 && result.stderr.contains("(STATE_CORRUPT)"), "\(result.stderr)")
        #expect(result.stderr.contains(name) && result.stderr.contains("repair --adopt"))
        let value = try await rig.namespace.command("cat", "/proc/sys/net/ipv4/conf/lo/log_martians")
        #expect(value == "0\n")
      }
    }
  }

  @Test("is told of by doctor")
  func doctor() async throws {
    try await CommandRig.use { rig in
      #expect(unsafe chmod(rig.directory, 0o777) == 0)
      let result = try await rig.tapestry("doctor")
      #expect(result.stdout.contains("'\(rig.directory)' (mode 777)"), "\(result.stdout)")
    }
  }
}
