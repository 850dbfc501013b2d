import NFTables
import NetTypes
import Testing

@testable import Tapestry

@Suite("Notes about networks and guests in the ruleset")
struct NotesTests {
  private static let links = [InterfaceName(known: "svbr0"), InterfaceName(known: "svtap0")]

  @Test(
    "of any length are read back, and no piece is longer than nft reads", arguments: [0, 1, 126, 127, 128, 254, 4000])
  func lengths(length: Int) {
    let text = String((0..<length).map { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0 % 26))) })
    let elements = Self.links.flatMap { Notes.elements(text, about: $0).map(\.1) }
    #expect(elements.allSatisfy { ($0.comment?.utf8.count ?? 0) <= UserData.longestComment })
    let expected = length == 0 ? [:] : Dictionary(uniqueKeysWithValues: Self.links.map { ($0, text) })
    #expect(Notes.texts(in: elements.reversed()) == expected)
  }

  @Test("have what no rule says of a network: with the elements, its settings are whole again")
  func network() throws {
    let settings = NetworkSettings(
      egress: EgressPolicy(reach: .internet), hostAccess: try HostAccess(parsing: "8080/tcp,icmp"), allowsInterVM: true,
      nat: false,
      opensFirewalls: false, dns: [IPv4Address(192, 0, 2, 1), IPv4Address(192, 0, 2, 2)],
      nameServer: NameServer(upstreams: (1...3).map { IPv4Address(198, 51, 100, 100 + $0) }))
    for mode in Network.Mode.allCases {
      var network = try #require(try Rehearsal.cast(hasIPv6: false).networks.first { $0.mode == mode })
      network.settings = settings
      let tables = Desired(networks: [network]).ruleset.tables(of: nil)
      let facts = try #require(Ruleset(tables).networks.first)
      #expect(facts == Ruleset.NetworkFacts(network) && facts.settings == settings)
    }
  }

  @Test("that are no settings are as none, and are repaired")
  func foreign() throws {
    let ruleset = try Rehearsal.cast(hasIPv6: false).ruleset
    var tables = ruleset.tables(of: nil)
    let notes = Notes.elements("colour=red", about: InterfaceName(known: "svbr0")).map(\.1)
    tables[2].elements[Notes.set.id.name] = notes
    guard case .altered(let read) = ObservedRuleset(tables, of: nil) else {
      Issue.record("is taken as it was made")
      return
    }
    #expect(read.networks.allSatisfy { $0.note.isEmpty })
  }
}
