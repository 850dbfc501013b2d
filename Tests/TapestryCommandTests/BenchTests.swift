import FoundationEssentials
import Linux
import Tapestry
import TestKit
import Testing

/// That the benchmark works; never how fast anything is.
@Suite("bench on the command line", .needsKernel)
struct BenchTests {
  @Test("measures all there is to measure, in every mode, and leaves nothing", arguments: Network.Mode.allCases)
  func everything(mode: Network.Mode) async throws {
    try await CommandRig.use { rig in
      let before = try await rig.kernelState()
      let result = try await rig.tapestry(
        "bench", "--guests", "3", "--mode", mode.rawValue, "-o", "json", environment: ["TMPDIR": rig.directory])
      let report = try JSONValue(parsing: try result.checked().stdout)
      #expect(result.stderr == "")
      #expect(report["mode"] == .string(mode.rawValue))
      let sections = report["sections"].elements
      #expect(
        sections.compactMap { $0["name"].string }
          == ["attach", "detach", "detachAll", "commands", "components"] + (mode == .clone ? ["clones"] : [])
          + ["packets", "replies", "beginnings"])
      for section in sections {
        let rows = section["rows"].elements
        #expect(rows.count > 1, "\(section["name"])")
        #expect(rows.contains { $0["ratio"]["of"].string != nil }, "\(section["name"])")
      }
      #expect(try await rig.kernelState() == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: rig.directory) == [])
    }
  }

  @Test("prints tables, of the parts that are asked for")
  func text() async throws {
    try await CommandRig.use { rig in
      let text = try await rig.output("bench", "--guests", "2", "--part", "library")
      #expect(text.hasPrefix("mode bridge, 2 guests\n"))
      #expect(text.contains("\ndetach 2 at once, in process (ms)") && text.contains(" x floor\n"))
      #expect(!text.contains("a packet"))
    }
  }

  @Test("ends when it is told to, and leaves nothing")
  func interrupted() async throws {
    try await CommandRig.use { rig in
      let before = try await rig.kernelState()
      let result = try await rig.shell(
        """
        TMPDIR='\(rig.directory)' '\(CommandRig.binary)' bench --guests 1000 &
        # In the middle of it: it has begun, and is not done before it has done so much.
        until ls '\(rig.directory)'/*/state.db >/dev/null 2>&1; do sleep 0.02; done
        kill -TERM $!; wait $!
        """)
      #expect(result.termination == .exited(128 + 15))
      #expect(try await rig.kernelState() == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: rig.directory) == [])
    }
  }

  @Test("refuses to work outside a namespace of its own, and numbers and modes that there are not")
  func refusals() async throws {
    try await CommandRig.use { rig in
      let result = try await rig.shell("setpriv --reuid=65534 --clear-groups '\(CommandRig.binary)' bench --guests 1")
      #expect(result.termination == .exited(1))
      #expect(result.stderr.contains("run as root. (NOT_PERMITTED)"))
      for arguments in [["--guests", "0"], ["--guests", "1001"], ["--mode", "best"], ["--part", "nothing"]] {
        #expect(try await rig.tapestry(["bench"] + arguments).termination == .exited(64), "\(arguments)")
      }
    }
  }
}
