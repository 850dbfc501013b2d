import NetTypes
import TestKit
import Testing

@testable import NFTables
@testable import Tapestry

@Suite("What others' chains let through")
struct ForeignRuleTests {
  private typealias Acceptance = ForeignForward.Acceptance
  private static let table = Table.ID(.inet, "theirs")
  private static let reject = NFTables.Statement([Expression(.reject(.icmpx(code: 1)))])
  private static let guests = IPv4Prefix(known: IPv4Address(172, 30, 0, 0), prefixLength: 24)
  private static let wide = IPv4Prefix(known: IPv4Address(172, 16, 0, 0), prefixLength: 12)
  private static let guests6 = Site.prefix6

  private func rule(_ statements: NFTables.Statement..., comment: String? = nil) -> ForeignRule {
    ForeignRule(Rule(in: Chain(Self.table, "forward"), statements, comment: comment))
  }

  private func walk(_ chains: [String: [ForeignRule]], _ family: IPFamily = .v4) -> ForeignWalk {
    ForeignWalk(of: "forward", family) { chains[$0, default: []] }
  }

  @Test("a prefix is understood however it is written")
  func prefixes() throws {
    for length in 1...32 {
      let prefix = try IPv4Prefix(containing: "172.30.255.255", prefixLength: length)
      let rules = [
        rule(.match(.ipSource, in: prefix), .counter, .accept), rule(.match(.ipDestination, in: prefix), .accept),
      ]
      #expect(rules.map(\.accepts) == ForeignForward.acceptances(.v4(prefix)))
      #expect(rules.allSatisfy { $0.family == .v4 })
    }
    for length in 1...128 {
      let prefix = try IPv6Prefix(parsing: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/\(length)")
      let rules = [
        rule(.match(.ip6Source, in: prefix), .counter, .accept), rule(.match(.ip6Destination, in: prefix), .accept),
      ]
      #expect(rules.map(\.accepts) == ForeignForward.acceptances(.v6(prefix)))
      #expect(rules.allSatisfy { $0.family == .v6 })
    }
    let address = IPv4Address(172, 30, 0, 2)
    #expect(
      rule(.match(.ipSource, .ipv4(address)), .accept).accepts == .init(end: .source, prefix: IPPrefix(host: address))
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
      rule(.match(.ipSource, in: Self.wide), .match(.ipSource, in: Self.guests), .accept).accepts?.prefix
        == .v4(Self.guests)
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
    #expect(chains.accepted == [Acceptance(end: .source, prefix: .v4(Self.guests))])
    #expect(chains.end == .drops)

    #expect(walk(["forward": [rule(.jump("next"))], "next": [rule(Self.reject)]]).end == .drops)
    #expect(walk(["forward": [rule(.goto("next")), rule(.drop)], "next": []]).end == .falls)
    #expect(walk(["forward": [rule(.match(.ctState, .new), .drop)]]).end == .falls)
    let open = walk(["forward": [rule(.counter, .accept)]])
    #expect(open.end == .accepts && open.accepted == Set(ForeignForward.acceptances(.everything(.v4))))
    #expect(walk(["forward": [rule(.jump("forward"))]]).end == .falls)
  }

  @Test("rules of one family say nothing of the other's packets")
  func families() {
    let chain = [
      rule(.match(.ip6Source, in: Self.guests6), .accept), rule(.match(.ipSource, in: Self.guests), .accept),
      rule(.match(.nfproto, .ipv6), .drop), rule(.accept),
    ]
    let (four, six) = (walk(["forward": chain]), walk(["forward": chain], .v6))
    #expect(four.end == .accepts && six.end == .drops)
    #expect(six.accepted == [Acceptance(end: .source, prefix: .v6(Self.guests6))])
    #expect(four.accepted.isSuperset(of: ForeignForward.acceptances(.everything(.v4))))
    #expect(four.accepted.allSatisfy { $0.prefix.family == .v4 })
    // Where the bytes of an address are depends on the family.
    let table = Table.ID(.ip6, "theirs")
    let load = Expression(.payload(Payload(base: .network, offset: 12, length: 4, access: .load(.first))))
    let compare = Expression(.cmp(Comparison(source: .first, operation: .equal, value: [172, 30, 0, 0])))
    for id in [table, Self.table] {
      let odd = ForeignRule(Rule(Chain.ID(id, "forward"), [load, compare]))
      #expect(odd.scope == .unknown)
    }
  }

  @Test("answers and redirected connections together are all that ever comes to a guest")
  func answers() {
    let answers = rule(.match(.ctState, [.established, .related]), .accept)
    let redirected = rule(.match(.ctStatus, .dnat), .accept)
    #expect(walk(["forward": [answers]]).accepted == [])
    #expect(walk(["forward": [redirected]]).accepted == [])
    #expect(
      walk(["forward": [answers, redirected]]).accepted == [Acceptance(end: .destination, prefix: .everything(.v4))])
  }

  @Test("rules of ours are known by their comment, and are not what others let through")
  func marked() {
    let ours = rule(.match(.ipSource, in: Self.guests), .accept, comment: "tapestry: network default")
    #expect(ours.network == .default)
    #expect(rule(.accept, comment: "tapestry").network == nil)
    #expect(walk(["forward": [ours]]).accepted == [])
  }
}
