import NFTables
import Netlink
import TestKit
import Testing

@Suite("What is read back", .needsKernel)
struct ReadingTests {
  @Test("what was installed is read back as it was written", arguments: Ruleset.all)
  func installedIsRead(_ ruleset: Ruleset) async throws {
    let tables = try ruleset.tables()
    try await withNamespace { namespace in
      try await namespace.apply(try ruleset.transaction())
      try await expectHolds(tables, namespace)
    }
  }

  @Test("what nft -f installed is read as we would have written it", arguments: Ruleset.all)
  func scriptIsRead(_ ruleset: Ruleset) async throws {
    let tables = try ruleset.tables()
    try await withNamespace { namespace in
      try await namespace.load(ruleset.script)
      try await expectHolds(tables, namespace)
    }
  }

  private func expectHolds(_ tables: [TableContents], _ namespace: TestNamespace) async throws {
    for table in tables {
      let read = try #require(
        try await namespace.run {
          var socket = try NFTablesSocket()
          return try socket.contents(of: [table.table.id]).first
        })
      let (written, found) = (table.normalForm, read.normalForm)
      #expect(found.table == written.table)
      #expect(found.elements == written.elements)
      expectEach(found.objects, written.objects)
      expectEach(found.sets, written.sets)
      expectEach(found.chains, written.chains)
      expectEach(found.rules, written.rules)
      // Nothing that this kernel says was passed over.
      #expect(read.unknownAttributes == 0)
    }
  }

  private func expectEach<Object: Equatable>(_ found: [Object], _ written: [Object]) {
    #expect(found.count == written.count)
    for (one, other) in zip(found, written) { #expect(one == other) }
  }
}

extension TableContents {
  fileprivate var unknownAttributes: Int {
    let ofRules = rules.flatMap { $0.unknown + $0.expressions.flatMap(\.unknown) }
    let ofObjects = objects.flatMap { $0.unknown + $0.unknownData }
    let ofElements = elements.values.joined().flatMap(\.unknown)
    return table.unknown.count + sets.flatMap(\.unknown).count + chains.flatMap(\.unknown).count + ofRules.count
      + ofElements.count + ofObjects.count
  }
}
