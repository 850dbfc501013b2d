import NFTables
import NetTypes

extension Ruleset {
  /// Guests on bridges: the table that keeps them from forging addresses, and the one that routes for them.
  static let bridges = Ruleset("guests on bridges", script: bridgeScript) { [guardTable(), try routingTable()] }

  private static func guardTable() -> TableContents {
    let table = Table(.bridge, "tapestry", comment: "layout 1")
    let taps = NamedSet(table.id, "taps", .interfaceName)
    let macs = NamedSet(table.id, "macs", .interfaceName, .etherAddress)
    let guests = NamedSet(table.id, "guests", .interfaceName, .etherAddress, .ipv4Address)
    let fromGuest = Chain(table.id, "from_guest")
    let guardChain = Chain(table.id, "guard", .init(.filter, .prerouting, priority: -300))
    var contents = TableContents(table)
    for set in [taps, macs, guests] { contents.add(set) }
    for chain in [fromGuest, guardChain] { contents.add(chain) }
    contents.add(Rule(in: guardChain, .match(.iifname, in: taps), .jump("from_guest")))
    contents.add(
      Rule(
        in: fromGuest, .match(.etherType, .etherType(0x0806)),
        .match(.iifname, .arpSourceEther, .arpSourceIP, in: guests), .match(.iifname, .etherSource, in: macs), .accept))
    contents.add(
      Rule(
        in: fromGuest, .match(.etherType, .etherType(0x0800)), .match(.iifname, .etherSource, .ipSource, in: guests),
        .accept))
    contents.add(Rule(in: fromGuest, .drop))
    return contents
  }

  private static func routingTable() throws -> TableContents {
    let table = Table(.inet, "tapestry", comment: "layout 1")
    let subnets = NamedSet(table.id, "subnets", .ipv4Address, flags: .interval)
    let bridges = NamedSet(table.id, "bridges", .interfaceName)
    let published = NamedSet(
      table.id, "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]))
    var contents = TableContents(table)
    for set in [subnets, bridges, published] { contents.add(set) }

    let forward = Chain(table.id, "forward", .init(.filter, .forward, priority: .filter))
    contents.add(forward)
    contents.add(Rule(in: forward, .match(.iifname, notIn: bridges), .match(.oifname, notIn: bridges), .accept))
    contents.add(Rule(in: forward, .match(.ctState, [.established, .related]), .accept))
    contents.add(Rule(in: forward, .match(.ipDestination, in: try IPv4Prefix(parsing: "169.254.0.0/16")), .drop))
    contents.add(Rule(in: forward, .match(.iifname, in: bridges), .match(.oifname, notIn: bridges), .accept))
    contents.add(Rule(in: forward, .match(.ctStatus, .dnat), .accept))
    contents.add(Rule(in: forward, .drop))

    let input = Chain(table.id, "input", .init(.filter, .input, priority: .filter))
    contents.add(input)
    contents.add(Rule(in: input, .match(.iifname, notIn: bridges), .accept))
    contents.add(Rule(in: input, .match(.ctState, [.established, .related]), .accept))
    contents.add(Rule(in: input, .match(.icmpType, Datum(.icmpType, bytes: [8])), .accept))
    contents.add(Rule(in: input, .drop))

    let prerouting = Chain(table.id, "prerouting", .init(.nat, .prerouting, priority: .dstnat))
    contents.add(prerouting)
    contents.add(
      Rule(
        in: prerouting, .match(.destinationRouteType, .local),
        .dnat(.ip, to: published, of: .l4proto, .destinationPort)))

    let postrouting = Chain(table.id, "postrouting", .init(.nat, .postrouting, priority: .srcnat))
    contents.add(postrouting)
    contents.add(
      Rule(in: postrouting, .match(.ipSource, in: subnets), .match(.oifname, notIn: bridges), .masquerade))
    return contents
  }

  private static let bridgeScript = """
    table bridge tapestry {
      comment "layout 1"
      set taps   { type ifname; }
      set macs   { type ifname . ether_addr; }
      set guests { type ifname . ether_addr . ipv4_addr; }
      chain from_guest {
        ether type arp iifname . arp saddr ether . arp saddr ip @guests iifname . ether saddr @macs accept
        ether type ip iifname . ether saddr . ip saddr @guests accept
        drop
      }
      chain guard {
        type filter hook prerouting priority -300; policy accept;
        iifname @taps jump from_guest
      }
    }
    table inet tapestry {
      comment "layout 1"
      set subnets { type ipv4_addr; flags interval; }
      set bridges { type ifname; }
      map published { type inet_proto . inet_service : ipv4_addr . inet_service; }
      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname != @bridges oifname != @bridges accept
        ct state established,related accept
        ip daddr 169.254.0.0/16 drop
        iifname @bridges oifname != @bridges accept
        ct status dnat accept
        drop
      }
      chain input {
        type filter hook input priority filter; policy accept;
        iifname != @bridges accept
        ct state established,related accept
        icmp type echo-request accept
        drop
      }
      chain prerouting {
        type nat hook prerouting priority dstnat;
        fib daddr type local dnat ip to meta l4proto . th dport map @published
      }
      chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr @subnets oifname != @bridges masquerade
      }
    }
    """
}
