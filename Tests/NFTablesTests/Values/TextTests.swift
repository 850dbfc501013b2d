import NetTypes
import Testing

@testable import NFTables

@Suite("Text")
struct TextTests {
  private static let table = Table(.inet, "tapestry", comment: "layout 1")
  private static let bridges = NamedSet(table.id, "bridges", .interfaceName)
  private static let published = NamedSet(
    table.id, "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]),
    comment: "to guests")
  private static let forward = Chain(table.id, "forward", .init(.filter, .forward, priority: .filter))

  @Test("operations read as commands of nft")
  func operations() {
    let element = Element(
      .tcp, .port(8080), data: .values([.ipv4(IPv4Address(198, 51, 100, 2)), .port(80)]), comment: "web-1")
    let cases: [(NFTables.Operation, String)] = [
      (.addTable(Self.table), "add table inet tapestry { comment \"layout 1\"; }"),
      (.destroyTable(Self.table.id), "destroy table inet tapestry"),
      (.addChain(Chain(Self.table.id, "web")), "add chain inet tapestry web"),
      (
        .addChain(Self.forward),
        "add chain inet tapestry forward { type filter hook forward priority 0; policy accept; }"
      ),
      (
        .addChain(Chain(Table.ID(.netdev, "n"), "c", .init(.filter, .ingress, priority: -5, policy: .drop))),
        "add chain netdev n c { type filter hook ingress priority -5; policy drop; }"
      ),
      (.deleteChain(Self.forward.id), "delete chain inet tapestry forward"),
      (.flushChain(Self.forward.id), "flush chain inet tapestry forward"),
      (.addSet(Self.bridges), "add set inet tapestry bridges { type ifname; }"),
      (
        .addSet(Self.published),
        "add map inet tapestry published { type inet_proto . inet_service : ipv4_addr . inet_service; "
          + "comment \"to guests\"; }"
      ),
      (
        .addSet(NamedSet(Self.table.id, "n", .etherAddress, flags: [.timeout, .dynamic], timeout: 5000, size: 9)),
        "add set inet tapestry n { type ether_addr; flags timeout,dynamic; timeout 5000ms; size 9; }"
      ),
      (.deleteSet(Self.bridges.id), "delete set inet tapestry bridges"),
      (
        .addElements([element, element], Self.published),
        "add element inet tapestry published { tcp . 8080 comment \"web-1\" : 198.51.100.2 . 80, "
          + "tcp . 8080 comment \"web-1\" : 198.51.100.2 . 80 }"
      ),
      (
        .deleteElements([Element(.tcp, .port(1))], Self.published),
        "delete element inet tapestry published { tcp . 1 }"
      ),
      (.insertRule(Rule(in: Self.forward, .drop), before: nil), "insert rule inet tapestry forward drop"),
      (.deleteRule(handle: 7, in: Self.forward.id), "delete rule inet tapestry forward handle 7"),
    ]
    for (operation, text) in cases { #expect(operation.description == text) }
    #expect(
      Transaction(cases.prefix(2).map(\.0)).description
        == "add table inet tapestry { comment \"layout 1\"; }\ndestroy table inet tapestry")
  }

  @Test("objects, maps of them and what uses them read as nft writes them")
  func objects() throws {
    let limit = Limit(rate: 125_000, burst: 65_536, unit: .bytes, isInverted: true)
    let uplink = StatefulObject(Self.table.id, "web-1", .limit(limit), comment: "out")
    let rates = NamedSet(Self.table.id, "rates", .interfaceName, mapsTo: .objects(.limit))
    let element = Element(.interface(try InterfaceName(parsing: "tap0")), data: .object("web-1"))
    let operations: [(NFTables.Operation, String)] = [
      (
        .addObject(uplink),
        "add limit inet tapestry web-1 { rate over 125000 bytes/second burst 65536 bytes; comment \"out\"; }"
      ),
      (.deleteObject(uplink.id), "delete limit inet tapestry web-1"),
      (.addObject(StatefulObject(Self.table.id, "n", .other(.quota, data: []))), "add quota inet tapestry n { }"),
      (.addSet(rates), "add map inet tapestry rates { type ifname : limit; }"),
      (.addElements([element], rates), "add element inet tapestry rates { \"tap0\" : \"web-1\" }"),
    ]
    for (operation, text) in operations { #expect(operation.description == text) }
    let rules: [(Rule, String)] = [
      (
        Rule(in: Self.forward, .limit(of: .iifname, .ipSource, in: rates), .drop),
        "meta nfproto ipv4 limit name meta iifname . ip saddr map @rates drop"
      ),
      (
        Rule(in: Self.forward, Statement([Expression(.object(.named("web-1", .limit)))]), .drop),
        "limit name \"web-1\" drop"
      ),
      (Rule(Self.forward.id, [Expression(.object(.named("n", ObjectType(rawValue: 9))))]), "object_9 name \"n\""),
    ]
    for (rule, text) in rules { #expect(rule.description == text) }
  }

  @Test("rules read as nft writes them, with the checks that a field needs")
  func rules() throws {
    let cases: [(Rule, String)] = [
      (
        Rule(in: Self.forward, .match(.iifname, notIn: Self.bridges), .accept, comment: "not ours"),
        "meta iifname != @bridges accept comment \"not ours\""
      ),
      (
        Rule(in: Self.forward, .match(.ipDestination, in: try IPv4Prefix(parsing: "169.254.0.0/16")), .drop),
        "meta nfproto ipv4 ip daddr 169.254.0.0/16 drop"
      ),
      (
        Rule(in: Self.forward, .match(.ctState, [.established, .related]), .accept),
        "ct state established,related accept"
      ),
      (
        Rule(in: Self.forward, .dnat(.ip, to: Self.published, of: .l4proto, .destinationPort)),
        "dnat ip to meta l4proto . th dport map @published"
      ),
      (
        Rule(in: Self.forward, .match(.tcpDestinationPort, .port(80)), .jump("web")),
        "meta l4proto tcp tcp dport 80 jump web"
      ),
      (Rule(Self.forward.id, [Expression(.other(name: "queue", data: []))]), "[queue]"),
      (
        Rule(
          Self.forward.id,
          [
            Expression(.payload(Payload(base: .network, offset: 1, length: 1, access: .load(.first)))),
            Expression(.cmp(Comparison(source: .first, operation: .less, value: [4]))),
          ]), "@nh,8,8 < 0x04"
      ),
      (Rule(Self.forward.id, [Expression(.cmp(Comparison(source: .first, operation: .equal, value: [4])))]), "[cmp]"),
    ]
    for (rule, text) in cases { #expect(rule.description == text) }
  }

  @Test("values read as nft writes them")
  func values() throws {
    let cases: [(Datum, String)] = [
      (.interface(try InterfaceName(parsing: "tap0")), "\"tap0\""),
      (Datum(.interfaceName, bytes: Array("tap".utf8)), "\"tap*\""), (.ipv4(IPv4Address(192, 0, 2, 1)), "192.0.2.1"),
      (.ipv6(IPv6Address(rawValue: 1)), "::1"), (.ether(MACAddress(2, 0, 0, 0, 0, 0xff)), "02:00:00:00:00:ff"),
      (.port(8080), "8080"), (.tcp, "tcp"), (.inetProtocol(200), "200"), (.mark(0x1f), "0x1f"),
      (.etherType(0x0806), "arp"), (.etherType(0x88cc), "0x88cc"), (Datum(.ipv4Address, bytes: [1]), "0x01"),
      (Datum(.connectionState, host: UInt32(0x82)), "established,0x80"),
      (Datum(.routeType, host: RouteType.local.rawValue), "local"), (Datum(.routeType, host: UInt32(99)), "0x63000000"),
    ]
    for (datum, text) in cases { #expect(datum.description == text) }
  }
}
