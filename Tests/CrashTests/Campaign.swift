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
    _ jobs: [Job], _ trial: @escaping @Sendable (Job) async throws -> Trial.Finding
  ) async throws {
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<Settings.width {
        group.addTask {
          while let index = tally.next(below: jobs.count) {
            let finding = try await trial(jobs[index])
            tally.add(finding)
            guard !finding.problems.isEmpty else { continue }
            let problems = finding.problems.joined(separator: "\n")
            Issue.record("\(scenario), \(jobs[index]) (seed \(Settings.seed)):\n\(problems)")
          }
        }
      }
      try await group.waitForAll()
    }
    let totals = tally.totals
    Report.add([
      ("fault", fault), ("command", scenario.name), ("points", "\(population)"), ("trials", "\(totals.trials)"),
      ("hits", "\(totals.hits)"), ("pings", "\(totals.pings)"), ("failures", "\(totals.failures)"),
    ])
  }
}

/// What was begun, and what came of it.
private final class Tally: Sendable {
  struct Totals: Sendable {
    var begun = 0
    var trials = 0
    var hits = 0
    var pings = 0
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

  func add(_ finding: Trial.Finding) {
    state.withLock { totals in
      totals.trials += 1
      totals.hits += finding.wasHit ? 1 : 0
      totals.pings += finding.pings
      totals.failures += finding.problems.isEmpty ? 0 : 1
    }
  }
}
