import NFTables
import NetTypes
import Testing

@testable import Tapestry

@Suite("What others' chains let through")
struct ForeignRuleTests {
  private typealias Acceptance = ForeignForward.Acceptance
  private static let table = Table.ID(.inet, "theirs")
  private static let guests = IPv4Prefix(known: IPv4Address(172, 30, 0, 0), prefixLength: 24)
  private static let wide = IPv4Prefix(known: IPv4Address(172, 16, 0, 0), prefixLength: 12)
  private static let anywhere = IPv4Prefix(known: IPv4Address(0, 0, 0, 0), prefixLength: 0)

  private func rule(_ statements: NFTables.Statement..., comment: String? = nil) -> ForeignRule {
    ForeignRule(Rule(in: Chain(Self.table, "forward"), statements, comment: comment))
  }

  private func walk(_ chains: [String: [ForeignRule]]) -> ForeignWalk {
    ForeignWalk(of: "forward") { chains[$0, default: []] }
  }

  @Test("a prefix is understood however it is written")
  func prefixes() {
    for length in 1...32 {
      guard let prefix = try? IPv4Prefix(containing: IPv4Address(172, 30, 255, 255), prefixLength: length) else {
        continue
      }
      #expect(rule(.match(.ipSource, in: prefix), .counter, .accept).accepts == .init(end: .source, prefix: prefix))
      #expect(rule(.match(.ipDestination, in: prefix), .accept).accepts == .init(end: .destination, prefix: prefix))
    }
    let address = IPv4Address(172, 30, 0, 2)
    #expect(
      rule(.match(.ipSource, .ipv4(address)), .accept).accepts == .init(end: .source, prefix: IPv4Prefix(host: address))
    )
  }

  @Test("what asks for more than addresses is not counted on")
  func unknown() {
    for condition: NFTables.Statement in [
      .match(.iifname, .interface(InterfaceName(known: "eth0"))),
      .match(.ipSource, not: .ipv4(IPv4Address(172, 30, 0, 2))),
      .match(.ctState, .new), .match(.mark, .mark(1)), .match(.l4proto, .inetProtocol(6)),
      .match(.icmpv6Type, .icmpType(128)), .limit(Limit(rate: 1, burst: 1)),
    ] {
      #expect(rule(condition, .match(.ipSource, in: Self.guests), .accept).scope == .unknown)
      #expect(rule(.match(.ipSource, in: Self.guests), condition, .accept).accepts == nil)
    }
    let both = rule(.match(.ipSource, in: Self.guests), .match(.ipDestination, in: Self.guests), .accept)
    #expect(both.scope == .unknown)
    #expect(
      rule(.match(.ipSource, in: Self.wide), .match(.ipSource, in: Self.guests), .accept).accepts?.prefix == Self.guests
    )
  }

  @Test("jumps are followed with what is known, and ends are ends")
  func walk() {
    let toGuests = rule(.match(.ipDestination, in: Self.guests), .accept)
    let chains = walk([
      "forward": [
        rule(.jump("first")), rule(.match(.ipSource, in: Self.wide), .goto("second")), rule(.drop), toGuests,
      ],
      "first": [rule(.return), toGuests],
      "second": [rule(.match(.ipSource, in: Self.guests), .accept), toGuests],
    ])
    #expect(chains.accepted == [Acceptance(end: .source, prefix: Self.guests)])
    #expect(chains.end == .drops)

    #expect(walk(["forward": [rule(.jump("next"))], "next": [rule(.reject())]]).end == .drops)
    #expect(walk(["forward": [rule(.goto("next")), rule(.drop)], "next": []]).end == .falls)
    #expect(walk(["forward": [rule(.match(.ctState, .new), .drop)]]).end == .falls)
    let open = walk(["forward": [rule(.counter, .accept)]])
    #expect(open.end == .accepts && open.accepted == Set(ForeignForward.acceptances(Self.anywhere)))
    #expect(walk(["forward": [rule(.jump("forward"))]]).end == .falls)
  }

  @Test("answers and redirected connections together are all that ever comes to a guest")
  func answers() {
    let answers = rule(.match(.ctState, [.established, .related]), .accept)
    let redirected = rule(.match(.ctStatus, .dnat), .accept)
    #expect(walk(["forward": [answers]]).accepted == [])
    #expect(walk(["forward": [redirected]]).accepted == [])
    #expect(
      walk(["forward": [answers, redirected]]).accepted == [Acceptance(end: .destination, prefix: Self.anywhere)])
  }

  @Test("rules of ours are known by their comment, and are not what others let through")
  func marked() {
    let ours = rule(.match(.ipSource, in: Self.guests), .accept, comment: "tapestry: network default")
    #expect(ours.network == .default)
    #expect(rule(.accept, comment: "tapestry").network == nil)
    #expect(walk(["forward": [ours]]).accepted == [])
  }
}
