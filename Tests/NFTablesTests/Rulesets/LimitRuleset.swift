import NFTables
import NetTypes

extension Ruleset {
  /// Limits that have names, and maps of them.
  static let limits = Ruleset("limits and maps of them", script: limitScript) {
    let table = Table(.inet, "limits")
    var contents = TableContents(table)
    let uplink = Limit(rate: 125_000, burst: 65_536, unit: .bytes, isInverted: true)
    contents.add(StatefulObject(table.id, "web-1", .limit(uplink), comment: "to the network"))
    contents.add(StatefulObject(table.id, "pings", .limit(Limit(rate: 10, burst: 5))))
    contents.add(
      StatefulObject(table.id, "alarms", .limit(Limit(rate: 7, perSeconds: 3600, burst: 1, isInverted: true))))

    let (tap0, tap1) = (
      Datum.interface(try InterfaceName(parsing: "tap0")), Datum.interface(try InterfaceName(parsing: "tap1"))
    )
    let byTap = NamedSet(
      table.id, "by_tap", .interfaceName, mapsTo: .objects(.limit), size: 100, comment: "how fast a guest may send")
    contents.add(
      byTap, [Element(tap0, data: .object("web-1"), comment: "web"), Element(tap1, data: .object("pings"))])
    let byPair = NamedSet(table.id, "by_pair", .interfaceName, .ipv4Address, mapsTo: .objects(.limit))
    contents.add(byPair, [Element(tap0, .ipv4(IPv4Address(198, 51, 100, 2)), data: .object("web-1"))])
    let bySubnet = NamedSet(table.id, "by_subnet", .ipv4Address, mapsTo: .objects(.limit), flags: .interval)
    contents.add(
      bySubnet,
      [
        Element(try IPv4Prefix(parsing: "198.51.100.0/24"), data: .object("web-1")),
        Element(try IPv4Prefix(parsing: "255.0.0.0/8"), data: .object("pings")),
      ])

    let chain = Chain(table.id, "main", .init(.filter, .input, priority: 0))
    contents.add(chain)
    contents.add(Rule(in: chain, .limit(of: .iifname, in: byTap), .drop))
    contents.add(Rule(in: chain, .limit(of: .iifname, .ipSource, in: byPair), .drop))
    contents.add(Rule(in: chain, .limit(of: .ipDestination, in: bySubnet), .drop, comment: "all of a subnet"))
    contents.add(Rule(in: chain, Statement([Expression(.object(.named("alarms", .limit)))]), .counter))
    return [contents, meters()]
  }

  /// Limits that come with the packets that they count: one for each key of a set.
  private static func meters() -> TableContents {
    let table = Table(.inet, "meters")
    var contents = TableContents(table)
    let rates = NamedSet(
      table.id, "rates", .interfaceName, flags: [.timeout, .dynamic], timeout: 60_000, size: 65_535)
    let connections = NamedSet(table.id, "connections", .interfaceName, .etherAddress, flags: .dynamic, size: 65_535)
    let hops = NamedSet(
      table.id, "hops", .ipv4Address, .ipv4Address, flags: [.timeout, .dynamic], timeout: 30_000, size: 65_535)
    let hops6 = NamedSet(
      table.id, "hops6", .ipv6Address, .ipv6Address, flags: [.timeout, .dynamic], timeout: 30_000, size: 65_535)
    let prefixes = NamedSet(table.id, "prefixes", .interfaceName, .ipv6Address)
    for set in [rates, connections, hops, hops6, prefixes] { contents.add(set) }
    let chain = Chain(table.id, "main", .init(.filter, .forward, priority: 0))
    contents.add(chain)
    contents.add(Rule(in: chain, .limit(Limit(rate: 25, burst: 100, isInverted: true), of: .iifname, in: rates), .drop))
    let bytes = Limit(rate: 51_200, burst: 204_800, unit: .bytes, isInverted: true)
    contents.add(Rule(in: chain, .limit(bytes, of: .iifname, in: rates), .drop))
    let limit = ConnectionLimit(count: 4096, isInverted: true)
    contents.add(
      Rule(in: chain, .beginsConnection, .limit(limit, of: .iifname, .etherSource, in: connections), .drop))
    contents.add(Rule(in: chain, .match(.ipSource, .nextHop, in: hops), .return))
    contents.add(Rule(in: chain, .update(hops, .ipSource, .nextHop)))
    contents.add(Rule(in: chain, .match(.ip6Source, .nextHop6, notIn: hops6), .update(hops6, .ip6Source, .nextHop6)))
    contents.add(Rule(in: chain, .isFragment4, .drop))
    contents.add(Rule(in: chain, .match(.iifname, .ip6Destination, prefixLength: 60, in: prefixes), .drop))
    return contents
  }

  private static let limitScript = """
    table inet limits {
      limit web-1 { comment "to the network"; rate over 125000 bytes/second burst 65536 bytes
      }
      limit pings { rate 10/second burst 5 packets
      }
      limit alarms { rate over 7/hour burst 1 packets
      }
      map by_tap {
        type ifname : limit; size 100; comment "how fast a guest may send";
        elements = { "tap0" comment "web" : "web-1", "tap1" : "pings" }
      }
      map by_pair { type ifname . ipv4_addr : limit; elements = { "tap0" . 198.51.100.2 : "web-1" } }
      map by_subnet {
        type ipv4_addr : limit; flags interval;
        elements = { 198.51.100.0/24 : "web-1", 255.0.0.0/8 : "pings" }
      }
      chain main {
        type filter hook input priority 0;
        limit name iifname map @by_tap drop
        limit name iifname . ip saddr map @by_pair drop
        limit name ip daddr map @by_subnet drop comment "all of a subnet"
        limit name "alarms" counter
      }
    }
    table inet meters {
      set rates { type ifname; size 65535; flags timeout,dynamic; timeout 1m; }
      set connections { type ifname . ether_addr; size 65535; flags dynamic; }
      set hops { type ipv4_addr . ipv4_addr; size 65535; flags timeout,dynamic; timeout 30s; }
      set hops6 { type ipv6_addr . ipv6_addr; size 65535; flags timeout,dynamic; timeout 30s; }
      set prefixes { type ifname . ipv6_addr; }
      chain main {
        type filter hook forward priority 0;
        update @rates { iifname limit rate over 25/second burst 100 packets } drop
        update @rates { iifname limit rate over 50 kbytes/second burst 200 kbytes } drop
        ct status & confirmed == 0 add @connections { iifname . ether saddr ct count over 4096 } drop
        ip saddr . rt ip nexthop @hops return
        update @hops { ip saddr . rt ip nexthop }
        ip6 saddr . rt ip6 nexthop != @hops6 update @hops6 { ip6 saddr . rt ip6 nexthop }
        ip frag-off & 0x3fff != 0 drop
        iifname . ip6 daddr & ffff:ffff:ffff:fff0:: @prefixes drop
      }
    }
    """
}
