import FoundationEssentials
import NFTables
import TestKit
import Testing

@testable import Tapestry

/// `docs/ruleset.nft` is the ruleset of a network of each mode with a guest each, that have everything.
@Suite("The ruleset's document")
struct RulesetDocumentTests {
  private static let path =
    #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/" + $1 } + "/docs/ruleset.nft"

  private static func ruleset() throws -> Ruleset {
    var desired = try Rehearsal.cast(hasIPv6: true)
    for place in desired.networks.indices {
      desired.networks[place].settings.nameServer = NameServer()
      desired.networks[place].settings.allowsInterVM = true
      desired.guests[place].network = desired.networks[place]
    }
    return desired.ruleset
  }

  private static func tables() throws -> [TableContents] {
    try ruleset().tables(of: StateMark(id: "0123456789abcdef", path: "/var/lib/tapestry/state.db"))
  }

  private static func document() throws -> String {
    let head = """
      # The tables that Tapestry makes, for a network of each mode with one guest that has everything a guest can have.
      # Networks and guests are elements of sets and maps, and a chain for each list of domains and each limit of
      # connections. The chains of bridge ports, of clones and of IPv6 are there while there is such a network.
      #
      # Made from the source by 'make docs', and held to it by RulesetDocumentTests.


      """
    return head + (try tables().map { $0.normalForm.listing(purpose: RulesetTables.purpose) }.joined(separator: "\n"))
  }

  @Test("is as the source has it")
  func isCurrent() throws {
    let document = try Self.document()
    if let path = ProcessInfo.processInfo.environment["TAPESTRY_WRITE_RULESET"] {
      try document.write(to: URL(filePath: path), atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOf: URL(filePath: Self.path), encoding: .utf8)
    #expect(written == document, "docs/ruleset.nft is out of date: run 'make docs'")
  }

  @Test("says of each chain what it is for")
  func purposes() throws {
    for chain in try Self.tables().flatMap(\.chains) {
      #expect(RulesetTables.purpose(of: chain.id) != nil, "\(chain.id)")
    }
  }

  @Test("has a layout of its own: tables of another version are told by it")
  func layout() throws {
    var tables = try Self.ruleset().tables(of: nil)
    for place in tables.indices { tables[place].table.comment = nil }
    let hash = String(Identity.fnv1a(tables.map(\.normalForm.description).joined(separator: "\n")), radix: 16)
    #expect(RulesetTables.layout == hash, "The tables have changed: set RulesetTables.layout to \"\(hash)\"")
  }
}
