import NetTypes
import Testing

@testable import NFTables
@testable import Tapestry

@Suite("Where in others' chains accepts belong")
struct ForeignChainsTests {
  private static let table = Table.ID(.inet, "theirs")
  private static let reject = NFTables.Statement([Expression(.reject(.icmpx(code: 1)))])
  private static let denied = IPv4Prefix(known: IPv4Address(10, 0, 0, 5), prefixLength: 32)
  private static let guests = IPv4Prefix(known: IPv4Address(172, 30, 0, 0), prefixLength: 24)

  private let denial = Self.rule(.match(.ipDestination, in: denied), .drop)
  private let ours = Self.rule(.match(.ipSource, in: guests), .accept, comment: "tapestry: network default")
  private let new = Self.rule(.match(.ctState, .new), .accept)

  private static func rule(_ statements: NFTables.Statement..., comment: String? = nil) -> ForeignRule {
    ForeignRule(Rule(in: Chain(table, "forward"), statements, comment: comment))
  }

  private func place(_ chains: [String: [ForeignRule]], _ family: IPFamily = .v4) -> (String, Range<Int>) {
    let found = ForeignChains(from: "forward") { chains[$0, default: []] }
    let place = found.place(family)
    return (place, found.room(in: place, family))
  }

  @Test("behind the last rule that denies something, and before what drops all")
  func room() {
    #expect(place(["forward": []]) == ("forward", 0..<0))
    #expect(place(["forward": [new, denial, new]]) == ("forward", 2..<3))
    #expect(place(["forward": [denial, ours, new, Self.rule(.drop), denial]]) == ("forward", 1..<3))
    // What it accepts before that, and what it logs, is left as it is.
    #expect(place(["forward": [new, ours, Self.rule(.counter), Self.rule(Self.reject)]]) == ("forward", 0..<3))
    // Of the other family nothing is denied.
    #expect(place(["forward": [denial, new]], .v6) == ("forward", 0..<2))
  }

  @Test("what may deny does: chains that are called for some, verdict maps, queues")
  func perhaps() {
    let some = Self.rule(.match(.ctState, .new), .jump("some"))
    #expect(place(["forward": [some, new], "some": [new]]) == ("forward", 0..<2))
    #expect(place(["forward": [some, new], "some": [denial]]) == ("forward", 1..<2))
    #expect(place(["forward": [Self.rule(.jump("some")), new], "some": [some, denial]]) == ("forward", 1..<2))
    let map = Rule(Chain.ID(Self.table, "forward"), [Expression(.lookup(Lookup(set: "map", result: .verdict)))])
    #expect(place(["forward": [ForeignRule(map), new]]) == ("forward", 1..<2))
    let queue = Rule(Chain.ID(Self.table, "forward"), [Expression(.other(name: "queue", data: []))])
    #expect(place(["forward": [ForeignRule(queue), new]]) == ("forward", 1..<2))
  }

  @Test("what leaves the chain for its policy, or for the chain before, is left to that")
  func leaving() {
    let leaves = Self.rule(.match(.ipDestination, in: Self.denied), .return)
    let elsewhere = Self.rule(.match(.ipDestination, in: Self.denied), .goto("some"))
    #expect(place(["forward": [new, leaves, new]]) == ("forward", 2..<3))
    #expect(place(["forward": [new, elsewhere, new], "some": [new]]) == ("forward", 2..<3))
    #expect(place(["forward": [leaves, new]], .v6) == ("forward", 0..<2))
    // In a chain that comes back it decides nothing.
    #expect(place(["forward": [Self.rule(.jump("some")), new], "some": [leaves, new]]) == ("forward", 0..<2))
  }

  @Test("before a chain that drops all, unless that denies something first: then in there")
  func inner() {
    let all = Self.rule(.jump("all"))
    #expect(place(["forward": [new, all], "all": [Self.rule(.counter), Self.rule(.drop)]]) == ("forward", 0..<1))
    #expect(place(["forward": [denial, all], "all": [new, denial, Self.rule(.drop)]]) == ("all", 2..<2))
    #expect(
      place([
        "forward": [Self.rule(.goto("all"))], "all": [denial, Self.rule(.jump("end"))], "end": [Self.rule(.drop)],
      ])
        == ("all", 1..<1))
    #expect(place(["forward": [Self.rule(.goto("all")), new], "all": [denial, new]]) == ("all", 1..<2))
    #expect(place(["forward": [Self.rule(.jump("forward")), denial]]) == ("forward", 2..<2))
  }

  @Test("what is denied is told by its addresses, of the chains on the way too")
  func denials() {
    let chains = [
      "forward": [denial, Self.rule(.match(.ipSource, in: Self.guests), .jump("more")), ours, Self.rule(.drop)],
      "more": [
        Self.rule(.match(.ctState, .new), .drop), Self.rule(.match(.ipDestination, in: Self.denied), Self.reject),
        Self.rule(.match(.ipSource, in: Self.denied), .drop),
      ],
    ]
    let found = ForeignChains(from: "forward") { chains[$0, default: []] }
    let guests = IPPrefix.v4(Self.guests)
    #expect(
      found.denials(.v4, policyDrops: true) == [
        .init(chain: "forward", destination: .v4(Self.denied)),
        .init(chain: "more", source: guests, isConditional: true),
        .init(chain: "more", source: guests, destination: .v4(Self.denied)),
      ])
  }

  @Test("an extension of iptables' that is no verdict goes on, and one that nobody knows may not")
  func extensions() {
    #expect(ForeignRule.Outcome(extension: "REJECT") == .drop)
    #expect(ForeignRule.Outcome(extension: "LOG") == .goesOn)
    #expect(ForeignRule.Outcome(extension: "NFQUEUE") == .unknown)
  }
}
