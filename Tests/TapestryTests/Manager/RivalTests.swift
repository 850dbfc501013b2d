import Linux
import NetTypes
import Synchronization
import TestKit
import Testing

@testable import Tapestry

@Suite("Rivals for the ruleset", .needsKernel)
struct RivalTests {
  @Test("of many that make the tables at the same moment one makes them, and the others learn to look again")
  func install() async throws {
    let ruleset = World().desired.ruleset
    let single = try await installed(ruleset, rivals: 1)
    for _ in 0..<5 { #expect(try await installed(ruleset, rivals: 6) == single) }
  }

  private func installed(_ ruleset: Ruleset, rivals: Int) async throws -> String {
    try await withNamespace { namespace in
      let ready = Gate(count: rivals)
      let kinds = try await withThrowingTaskGroup(of: HostFailure.Kind?.self) { group in
        for _ in 0..<rivals {
          group.addTask {
            try await namespace.run {
              let host = try LinuxHost()
              let generation = try host.observe().generation
              ready.wait()
              var plan = Plan()
              plan.add(.installRuleset(ruleset), "they are missing")
              return host.apply(plan, observedAt: generation).first?.kind
            }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(kinds.count { $0 == nil } == 1 && kinds.count { $0 == .stale } == rivals - 1)
      return try await namespace.command("nft", "list", "ruleset")
    }
  }

  /// Threads wait for each other here.
  private final class Gate: Sendable {
    private let missing: Atomic<Int>

    init(count: Int) { missing = Atomic(count) }

    func wait() {
      missing.subtract(1, ordering: .sequentiallyConsistent)
      while missing.load(ordering: .sequentiallyConsistent) > 0 {}
    }
  }
}
