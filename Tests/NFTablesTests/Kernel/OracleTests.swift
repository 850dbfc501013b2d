import NFTables
import TestKit
import Testing

@Suite("What nft prints", .needsKernel)
struct OracleTests {
  @Test(
    "a transaction makes the kernel hold what nft -f makes it hold",
    arguments: [Ruleset.bridges, .clones])
  func transactionEqualsScript(_ ruleset: Ruleset) async throws {
    let theirs = try await withNamespace { namespace in
      try await namespace.load(ruleset.script)
      return try await namespace.listRuleset()
    }
    let ours = try await withNamespace { namespace in
      try await namespace.apply(try ruleset.transaction())
      return try await namespace.listRuleset()
    }
    #expect(!theirs.isEmpty)
    #expect(ours.count == theirs.count)
    for (our, their) in zip(ours, theirs) { #expect(our == their) }
  }
}
