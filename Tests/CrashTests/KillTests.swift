import TestKit
import Testing

/// Nothing leaks when the program is killed: SIGKILL on the way into each of its system calls.
@Suite("Killed anywhere", .needsKernel, .serialized)
struct KillTests {
  /// Points of a sample.
  private static let sampleSize = 4

  private struct Job: Sendable, CustomStringConvertible {
    var point: CallPoint
    var recovery: Trial.Recovery

    var description: String { "SIGKILL at \(point), then \(recovery.rawValue)" }
  }

  @Test(
    "at any system call, a command leaves nothing that repair, or the same command, does not put right",
    arguments: Scenario.chosen)
  func killed(scenario: Scenario) async throws {
    let reference = try await Reference.of(scenario)
    // strace counts each thread's calls for themselves: the points are those of the process only while it has one.
    #expect(reference.trace.processes == 1)
    #expect(reference.after.faults == [] && (reference.before != reference.after || scenario.startsVMM))
    let points = reference.trace.points
    try await Campaign(fault: "kill", scenario: scenario, population: points.count)
      .run(Self.jobs(reference.trace, scenario)) { job, rig in
        try await Trial(scenario: scenario, reference: reference, fault: Fault(kind: .kill, point: job.point), rig: rig)
          .kill(recovery: job.recovery)
      }
  }

  /// All points, and one more of each call, which the run does not come to; or a sample.
  private static func jobs(_ trace: CallTrace, _ scenario: Scenario) -> [Job] {
    let recoveries: [Trial.Recovery] = scenario.arguments.first == "repair" ? [.repair] : Trial.Recovery.allCases
    if Settings.triesAll {
      return (trace.points + trace.beyond).flatMap { point in
        recoveries.map { Job(point: point, recovery: $0) }
      }
    }
    var generator = SeededGenerator(seed: Settings.seed)
    return trace.sample(Settings.sampleSize ?? sampleSize, using: &generator).enumerated().map { index, point in
      Job(point: point, recovery: recoveries[index % recoveries.count])
    }
  }
}
