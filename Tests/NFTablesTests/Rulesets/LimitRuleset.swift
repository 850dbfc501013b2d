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
      Datum.interface(try InterfaceName(validating: "tap0")), Datum.interface(try InterfaceName(validating: "tap1"))
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
    contents.add(Rule(in: chain, .limit(named: "alarms"), .counter))
    return [contents]
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
    """
}
