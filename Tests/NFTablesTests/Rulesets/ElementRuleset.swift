import NFTables
import NetTypes

extension Ruleset {
  /// Sets and maps of all kinds, with elements.
  static let elements = Ruleset("sets and maps with elements", script: elementScript) {
    let table = Table(.inet, "collections")
    var contents = TableContents(table)
    try addPlainSets(to: &contents)
    try addIntervals(to: &contents)
    try addMaps(to: &contents)
    contents.add(Chain(table.id, "web", comment: "a regular chain"))
    return [contents]
  }

  private static func addPlainSets(to contents: inout TableContents) throws {
    let id = contents.table.id
    let guests = NamedSet(id, "guests", .interfaceName, .etherAddress, .ipv4Address, comment: "who is who")
    contents.add(
      guests,
      [
        Element(
          .interface(try InterfaceName(parsing: "svweb1eth0")), .ether(MACAddress(2, 0, 0, 0, 0, 1)),
          .ipv4(IPv4Address(198, 51, 100, 2)), comment: "web-1"),
        Element(
          .interface(try InterfaceName(parsing: "svweb2eth0")), .ether(MACAddress(2, 0, 0, 0, 0, 2)),
          .ipv4(IPv4Address(198, 51, 100, 3))),
      ])
    contents.add(
      NamedSet(id, "neighbours", .etherAddress, flags: .timeout, timeout: 3_600_000, size: 100),
      [
        Element(.ether(MACAddress(2, 0, 0, 0, 0, 9)), timeout: 86_400_000),
        Element(.ether(MACAddress(2, 0, 0, 0, 0, 7))),
      ])
    contents.add(
      NamedSet(id, "marks", .mark, flags: .constant, size: 2), [Element(.mark(0x1_0002)), Element(.mark(7))])
    contents.add(
      NamedSet(id, "six", .ipv6Address, .inetProtocol),
      [Element(.ipv6(IPv6Address(rawValue: 0xfd00 << 112 | 1)), .udp)])
  }

  private static func addIntervals(to contents: inout TableContents) throws {
    let id = contents.table.id
    contents.add(
      NamedSet(id, "subnets", .ipv4Address, flags: .interval),
      [
        // Two that touch, one address alone, a range that is no prefix, and the end of all addresses.
        Element(try IPv4Prefix(parsing: "198.51.100.0/25")),
        Element(try IPv4Prefix(parsing: "198.51.100.128/25"), comment: "the upper half"),
        Element(.ipv4(IPv4Address(203, 0, 113, 9))),
        Element(.ipv4(IPv4Address(203, 0, 113, 20)), through: [.ipv4(IPv4Address(203, 0, 113, 30))]),
        Element(try IPv4Prefix(parsing: "255.255.255.0/24")),
      ])
    contents.add(
      NamedSet(id, "everything", .ipv4Address, flags: .interval), [Element(try IPv4Prefix(parsing: "0.0.0.0/0"))])
    contents.add(
      NamedSet(id, "services", .ipv4Address, .inetService, flags: .interval),
      [
        Element(
          key: [.ipv4(IPv4Address(198, 51, 100, 0)), .port(80)],
          through: [.ipv4(IPv4Address(198, 51, 100, 255)), .port(90)]),
        Element(.ipv4(IPv4Address(203, 0, 113, 9)), .port(443)),
      ])
    contents.add(
      NamedSet(id, "six_subnets", .ipv6Address, flags: .interval), [Element(try IPv6Prefix(parsing: "fd00:1::/64"))])
  }

  private static func addMaps(to contents: inout TableContents) throws {
    let id = contents.table.id
    let address = IPv4Address(198, 51, 100, 2)
    contents.add(
      NamedSet(id, "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService])),
      [
        Element(.tcp, .port(8080), data: .values([.ipv4(address), .port(80)])),
        Element(.udp, .port(53), data: .values([.ipv4(address), .port(53)])),
      ])
    contents.add(
      NamedSet(id, "outer", .interfaceName, mapsTo: .values([.ipv4Address])),
      [Element(.interface(try InterfaceName(parsing: "tap0")), data: .values([.ipv4(address)]), comment: "clone 0")])
    contents.add(
      NamedSet(id, "chains", .interfaceName, mapsTo: .verdict),
      [
        Element(.interface(try InterfaceName(parsing: "tap0")), data: .verdict(.jump("web"))),
        Element(.interface(try InterfaceName(parsing: "tap1")), data: .verdict(.goto("web"))),
        Element(.interface(try InterfaceName(parsing: "tap2")), data: .verdict(.drop)),
        Element(.interface(try InterfaceName(parsing: "tap3")), data: .verdict(.return)),
      ])
    contents.add(
      NamedSet(id, "by_subnet", .ipv4Address, mapsTo: .values([.mark]), flags: .interval),
      [Element(try IPv4Prefix(parsing: "203.0.113.0/24"), data: .values([.mark(5)]))])
  }

  private static let elementScript = """
    table inet collections {
      set guests {
        type ifname . ether_addr . ipv4_addr; comment "who is who";
        elements = { "svweb1eth0" . 02:00:00:00:00:01 . 198.51.100.2 comment "web-1",
                     "svweb2eth0" . 02:00:00:00:00:02 . 198.51.100.3 }
      }
      set neighbours {
        type ether_addr; flags timeout; timeout 1h; size 100;
        elements = { 02:00:00:00:00:09 timeout 1d, 02:00:00:00:00:07 }
      }
      set marks { type mark; flags constant; size 2; elements = { 0x10002, 7 } }
      set six { type ipv6_addr . inet_proto; elements = { fd00::1 . udp } }
      set subnets {
        type ipv4_addr; flags interval;
        elements = { 198.51.100.0/25, 198.51.100.128/25 comment "the upper half", 203.0.113.9,
                     203.0.113.20-203.0.113.30, 255.255.255.0/24 }
      }
      set everything { type ipv4_addr; flags interval; elements = { 0.0.0.0/0 } }
      set services {
        type ipv4_addr . inet_service; flags interval;
        elements = { 198.51.100.0/24 . 80-90, 203.0.113.9 . 443 }
      }
      set six_subnets { type ipv6_addr; flags interval; elements = { fd00:1::/64 } }
      map published {
        type inet_proto . inet_service : ipv4_addr . inet_service;
        elements = { tcp . 8080 : 198.51.100.2 . 80, udp . 53 : 198.51.100.2 . 53 }
      }
      map outer { type ifname : ipv4_addr; elements = { "tap0" comment "clone 0" : 198.51.100.2 } }
      map chains {
        type ifname : verdict;
        elements = { "tap0" : jump web, "tap1" : goto web, "tap2" : drop, "tap3" : return }
      }
      map by_subnet { type ipv4_addr : mark; flags interval; elements = { 203.0.113.0/24 : 0x5 } }
      chain web { comment "a regular chain"
      }
    }
    """
}
