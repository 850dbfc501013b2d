import NFTables
import TestKit
import Testing

@Suite("What nft prints", .needsKernel)
struct OracleTests {
  @Test("a transaction makes the kernel hold what nft -f makes it hold", arguments: Ruleset.all)
  func transactionEqualsScript(_ ruleset: Ruleset) async throws {
    let theirs = try await Self.listing { try await $0.load(ruleset.script) }
    let ours = try await Self.listing { try await $0.apply(try ruleset.transaction()) }
    expectEqual(ours, theirs)
  }

  @Test("a transaction's text is a script that nft loads to the same effect", arguments: Ruleset.all)
  func textEqualsTransaction(_ ruleset: Ruleset) async throws {
    let ours = try await Self.listing { try await $0.apply(try ruleset.transaction()) }
    // `destroy` is a command of a newer nft(8), and there is nothing to destroy.
    let text = try ruleset.tables().map(\.description).joined(separator: "\n")
    let theirs = try await Self.listing { try await $0.load(text) }
    expectEqual(ours, theirs)
  }

  private static func listing(after load: @Sendable (TestNamespace) async throws -> Void) async throws -> [JSONValue] {
    try await withNamespace { namespace in
      try await load(namespace)
      return try await namespace.listRuleset()
    }
  }

  private func expectEqual(_ ours: [JSONValue], _ theirs: [JSONValue]) {
    #expect(!theirs.isEmpty)
    #expect(ours.count == theirs.count)
    for (our, their) in zip(ours, theirs) { #expect(our == their) }
  }
}
