import Synchronization
import Testing

/// Many trials of one scenario, some at a time, and what came of them.
struct Campaign: Sendable {
  /// What is tried: `kill`, `error`.
  var fault: String
  var scenario: Scenario
  /// How many points there are; a sample tries fewer.
  var population: Int

  /// Runs `trial` for each of `jobs`; records an issue for each that found a problem, and reports the totals.
  func run<Job: Sendable & CustomStringConvertible>(
    _ jobs: [Job], _ trial: @escaping @Sendable (Job, CrashRig) async throws -> Finding
  ) async throws {
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Settings.width {
        group.addTask {
          while let first = tally.next(below: jobs.count) {
            try await CrashRig.use { rig in
              var next: Int? = first
              while let index = next {
                let finding = try await trial(jobs[index], rig)
                tally.add(finding)
                guard finding.problems.isEmpty else { return report(jobs[index], finding) }
                // A namespace that was found to be as a fresh one serves again.
                next = tally.next(below: jobs.count)
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let totals = tally.totals
    // Few runs make fewer calls than the one that was traced: others would say that nothing was tried.
    #expect(totals.hits * 10 >= jobs.count * 8)
    Report.add([
      ("fault", fault), ("command", scenario.name), ("points", "\(population)"), ("trials", "\(totals.trials)"),
      ("hits", "\(totals.hits)"), ("pings", "\(totals.pings)"), ("leaks", "\(totals.leaks)"),
      ("drift", "\(totals.drift)"), ("failures", "\(totals.failures)"),
    ])
  }

  private func report(_ job: some CustomStringConvertible, _ finding: Finding) {
    let problems = finding.problems.map(\.text).joined(separator: "\n")
    Issue.record("\(scenario), \(job) (seed \(Settings.seed)):\n\(problems)")
  }
}

/// What was begun, and what came of it.
private final class Tally: Sendable {
  struct Totals: Sendable {
    var begun = 0
    var trials = 0
    var hits = 0
    var pings = 0
    /// Runs after which there was something too many or too few, or `check` found drift.
    var leaks = 0
    var drift = 0
    /// Runs that were wrong in any way.
    var failures = 0
  }

  private let state = Mutex(Totals())

  var totals: Totals { state.withLock { $0 } }

  /// The next number; nil when all are taken.
  func next(below limit: Int) -> Int? {
    state.withLock { totals in
      guard totals.begun < limit else { return nil }
      defer { totals.begun += 1 }
      return totals.begun
    }
  }

  func add(_ finding: Finding) {
    state.withLock { totals in
      totals.trials += 1
      totals.hits += finding.wasHit ? 1 : 0
      totals.pings += finding.pings
      totals.leaks += finding.problems.contains { $0.kind == .leak } ? 1 : 0
      totals.drift += finding.problems.contains { $0.kind == .drift } ? 1 : 0
      totals.failures += finding.problems.isEmpty ? 0 : 1
    }
  }
}
