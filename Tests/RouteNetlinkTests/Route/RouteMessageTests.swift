import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Route messages")
struct RouteMessageTests {
  private func decode(_ bytes: some Collection<UInt8>) throws(DecodingFailure) -> Route? {
    try Array(bytes).decoded { span throws(DecodingFailure) in try Route(decoding: span) }
  }

  @Test("a route to a host on a link is of scope link, as iproute2 has it")
  func onLink() throws {
    let route = Route(.host(.v4(IPv4Address(198, 51, 100, 7))), outputLink: 2)
    let raw = try golden(
      """
      2c 00 00 00 18 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWROUTE, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      02 20 00 00 fe 04 fd 01 00 00 00 00              // rtmsg: AF_INET, /32, main, static, link, unicast
      08 00 01 00 c6 33 64 07                          // RTA_DST
      08 00 04 00 02 00 00 00                          // RTA_OIF 2
      """)
    #expect(bytes { $0.replace(route) } == raw)
    #expect(try decode(raw.dropFirst(16)) == route)
  }

  @Test("a route by a gateway says gateway, source and a table too large for the header")
  func replace() throws {
    var route = Route(
      .v4(try IPv4Prefix(parsing: "203.0.113.0/24")), gateway: .v4(IPv4Address(198, 51, 100, 7)), outputLink: 2)
    route.table = RouteTable(rawValue: 1000)
    route.preferredSource = .v4(IPv4Address(172, 30, 0, 1))
    let raw = try golden(
      """
      44 00 00 00 18 00 01 05 00 00 00 00 00 00 00 00  // RTM_NEWROUTE, NLM_F_REQUEST NLM_F_CREATE NLM_F_REPLACE
      02 18 00 00 00 04 00 01 00 00 00 00              // rtmsg: /24, no table, static, universe, unicast
      08 00 01 00 cb 00 71 00                          // RTA_DST 203.0.113.0
      08 00 05 00 c6 33 64 07                          // RTA_GATEWAY 198.51.100.7
      08 00 04 00 02 00 00 00                          // RTA_OIF 2
      08 00 07 00 ac 1e 00 01                          // RTA_PREFSRC 172.30.0.1
      08 00 0f 00 e8 03 00 00                          // RTA_TABLE 1000
      """)
    #expect(bytes { $0.replace(route) } == raw)
    #expect(try decode(raw.dropFirst(16)) == route)
  }

  @Test("a route that is spread over next hops has several links; what is cut short has those that are whole")
  func nextHops() throws {
    let raw = try golden(
      """
      02 00 00 00 fe 03 00 01 00 00 00 00              // rtmsg: AF_INET, /0, main, boot, universe, unicast
      24 00 09 00                                      // RTA_MULTIPATH
      10 00 00 00 03 00 00 00                          // rtnexthop: link 3
      08 00 05 00 c6 33 64 02                          // RTA_GATEWAY 198.51.100.2
      10 00 00 00 04 00 00 00                          // rtnexthop: link 4
      08 00 05 00 cb 00 71 02                          // RTA_GATEWAY 203.0.113.2
      """)
    var route = try #require(try decode(raw))
    #expect(route.outputLink == nil && route.outputLinks == [3, 4])
    for length in 0..<32 {
      route.other = route.other.map { RawAttribute(type: $0.type, payload: Array($0.payload.prefix(length))) }
      #expect(route.outputLinks == (length < 16 ? [] : [3]))
      route = try #require(try decode(raw))
    }
    #expect(Route(.v4(try IPv4Prefix(parsing: "0.0.0.0/0")), outputLink: 7).outputLinks == [7])
  }

  @Test("a default route has no RTA_DST, and a blackhole no link")
  func defaultRoute() throws {
    let raw = try golden("02 00 00 00 fe 04 00 06 00 00 00 00")  // rtmsg: AF_INET, /0, main, blackhole
    let blackhole = try #require(try decode(raw))
    #expect(blackhole.type == .blackhole && blackhole.destination.isDefault && blackhole.outputLinks.isEmpty)
    #expect(payload { $0.append(blackhole) }.count == 12)
  }

  @Test("an IPv6 route by a gateway is of scope universe")
  func ipv6() throws {
    let route = Route(.v6(try IPv6Prefix(parsing: "2001:db8::/32")), gateway: .v6(try IPv6Address(parsing: "fd00::2")))
    let raw = try golden(
      """
      44 00 00 00 18 00 01 05 00 00 00 00 00 00 00 00              // RTM_NEWROUTE
      0a 20 00 00 fe 04 00 01 00 00 00 00                          // rtmsg: AF_INET6, /32
      14 00 01 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00  // RTA_DST 2001:db8::
      14 00 05 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02  // RTA_GATEWAY fd00::2
      """)
    #expect(bytes { $0.replace(route) } == raw)
    #expect(try decode(raw.dropFirst(16)) == route)
  }

  @Test("what the kernel tells of a route is read, and what is not decoded is kept and written again")
  func kernel() throws {
    let raw = try golden(
      """
      0a 40 00 00 fe 02 00 01 00 00 00 00                          // AF_INET6, /64, main, kernel, universe, unicast
      08 00 0f 00 fe 00 00 00                                      // RTA_TABLE main
      14 00 01 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // RTA_DST fe80::
      08 00 06 00 00 01 00 00                                      // RTA_PRIORITY 256
      08 00 04 00 04 00 00 00                                      // RTA_OIF 4
      05 00 14 00 00 00 00 00                                      // RTA_PREF medium
      """)
    let route = try #require(try decode(raw))
    #expect(route.destination == .v6(try IPv6Prefix(parsing: "fe80::/64")))
    #expect(route.table == .main)
    #expect(route.type == .unicast)
    #expect(route.outputLink == 4)
    #expect(route.gateway == nil)
    #expect(route.other.map(\.type) == [6, 20])
    #expect(try decode(payload { $0.append(route) }) == route)
  }

  @Test("a prefix longer than the family's addresses is refused, and a route of no IP family passed over")
  func strange() throws {
    #expect(throws: DecodingFailure.self) { try decode(golden("02 21 00 00 fe 02 00 01 00 00 00 00")) }
    #expect(throws: DecodingFailure.self) { try decode(golden("0a 81 00 00 fe 02 00 01 00 00 00 00")) }
    #expect(throws: DecodingFailure.self) { try decode(golden("02 18 00 00 fe 02 00 01 00 00 00")) }
    // RTNL_FAMILY_IPMR
    #expect(try decode(golden("80 20 00 00 fe 02 00 01 00 00 00 00")) == nil)
  }

  @Test("operations say where a route goes and how")
  func words() throws {
    var batch = RouteBatch()
    batch.replace(Route(.host(.v4(IPv4Address(198, 51, 100, 7))), outputLink: 2), linkName: "tap0")
    var route = Route(.v4(try IPv4Prefix(parsing: "0.0.0.0/0")), gateway: .v4(IPv4Address(198, 51, 100, 1)))
    route.table = RouteTable(rawValue: 1000)
    batch.replace(route)
    batch.replace(Route(.v4(try IPv4Prefix(parsing: "203.0.113.0/24")), outputLink: 3))
    #expect(
      batch.operations == [
        "set route 198.51.100.7/32 dev tap0", "set route default via 198.51.100.1 table 1000",
        "set route 203.0.113.0/24 dev link 3",
      ])
  }
}
