import NetTypes

@testable import NFTables

extension Ruleset {
  /// One rule for each expression and each way to use it.
  static let expressions = Ruleset("all expressions", script: expressionScript) {
    [try matches(), translations(), bridge()]
  }

  private static func matches() throws -> TableContents {
    let table = Table(.inet, "expressions", comment: "all of them")
    var contents = TableContents(table)
    let verdicts = NamedSet(table.id, "verdicts", .interfaceName, mapsTo: .verdict)
    let marks = NamedSet(table.id, "marks", .ipv4Address, mapsTo: .values([.mark]))
    contents.add(verdicts)
    contents.add(marks)
    let seen = NamedSet(
      table.id, "seen", .ipv4Address, flags: [.timeout, .dynamic], timeout: 3_600_000, size: 65_535)
    contents.add(seen)
    let other = Chain(table.id, "other")
    let chain = Chain(table.id, "main", .init(.filter, .input, priority: 10, policy: .drop), comment: "where all is")
    contents.add(other)
    contents.add(chain)
    let eth0 = Datum.interface(try InterfaceName(parsing: "eth0"))
    let statements: [(String?, [Statement])] = [
      ("counts", [.counter]),
      (nil, [.limit(Limit(rate: 10, burst: 5)), .accept]),
      (nil, [.limit(Limit(rate: 10_240, perSeconds: 60, burst: 0, unit: .bytes, isInverted: true)), .drop]),
      (nil, [raw(.log(Log(prefix: "abc ", destination: .kernel(level: 7))))]),
      (nil, [raw(.log(Log(destination: .group(5, snapLength: 100, queueThreshold: 2))))]),
      (nil, [raw(.log(Log()))]),
      (nil, [.match(.l4proto, .tcp), raw(.reject(.tcpReset))]),
      (nil, [raw(.reject(.icmpx(code: 1)))]),
      (nil, [.match(.ipSource, .ipv4(IPv4Address(203, 0, 113, 1))), raw(.reject(.icmp(code: 3)))]),
      (nil, [.match(.iifname, eth0), .goto("other")]),
      (nil, [.match(.iifname, not: eth0), .return]),
      (nil, [.verdict(of: .iifname, in: verdicts)]),
      (nil, [.match(.ipSource, in: try IPv4Prefix(parsing: "198.51.96.0/20"))]),
      (nil, [.match(.ip6Destination, in: try IPv6Prefix(parsing: "fe80::/10"))]),
      (nil, [.match(.ip6Source, in: try IPv6Prefix(parsing: "fd00::/8")), .accept]),
      (nil, [.match(.nfproto, Datum(.nfproto, bytes: [10])), .match(.l4proto, .icmpv6), .accept]),
      (nil, [.match(.icmpv6Type, Datum(.icmpv6Type, bytes: [135])), .accept]),
      (nil, [.match(.tcpDestinationPort, .port(80)), .accept]),
      (nil, [.match(.udpSourcePort, .port(53)), .accept]),
      (nil, [.match(.packetType, Datum(.packetType, bytes: [1])), .drop]),
      (nil, [.match(.ctDirection, Datum(.connectionDirection, bytes: [0]))]),
      (nil, [.match(.ctState, [.new, .invalid, .untracked]), .match(.ctStatus, [.snat, .dnat])]),
      (nil, [.match(.mark, .mark(0x12)), set(.ctMark, to: .mark(3))]),
      (nil, [set(.mark, to: .mark(0x1_0001))]),
      (nil, [.set(.mark, from: marks, of: .ipSource)]),
      (nil, [.match(.nfproto, .ipv4), set(.ipSource, to: .ipv4(IPv4Address(203, 0, 113, 1)))]),
      (nil, [.match(.nfproto, .ipv6), set(.ip6Destination, to: .ipv6(IPv6Address(rawValue: 0xfd00 << 112 | 1)))]),
      (nil, [.match(.sourceRouteType, .unicast), .match(.destinationRouteType, .multicast)]),
      (nil, [.match(.etherSource, .ether(MACAddress(2, 0, 0, 0, 0, 1)))]),
      (nil, [.match(.tcpDestinationPort, notFrom: .port(1000), through: .port(2000)), .accept]),
      (nil, [.match(.udpDestinationPort, from: .port(1000), through: .port(2000)), .accept]),
      (nil, [.match(.iifGroup, .deviceGroup(0x7461_7000), mask: .deviceGroup(0xffff_ff00)), .drop]),
      (nil, [.match(.fragmentHeader, .boolean(true)), .drop]),
      (nil, [.isLaterFragment, .accept]),
      (nil, [.match(.ipDestination, in: seen), .update(seen, .ipDestination), .accept]),
    ]
    for (comment, parts) in statements { contents.add(Rule(in: chain, parts, comment: comment)) }
    return contents
  }

  /// What no statement of our own rules is.
  private static func raw(_ kinds: Expression.Kind...) -> Statement { Statement(kinds.map { Expression($0) }) }

  private static func set(_ field: Field, to value: Datum) -> Statement {
    Statement(
      [Expression(.immediate(.value(value.bytes, .first))), field.store(from: .first)].compactMap(\.self))
  }

  private static func translations() -> TableContents {
    let table = Table(.ip, "translations")
    var contents = TableContents(table)
    let published = NamedSet(
      table.id, "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]))
    let hosts = NamedSet(table.id, "hosts", .ipv4Address, mapsTo: .values([.ipv4Address]))
    contents.add(published)
    contents.add(hosts)
    let pre = Chain(table.id, "pre", .init(.nat, .prerouting, priority: .dstnat))
    let post = Chain(table.id, "post", .init(.nat, .postrouting, priority: .srcnat))
    contents.add(pre)
    contents.add(post)
    contents.add(Rule(in: pre, .dnat(.ip, to: published, of: .l4proto, .destinationPort)))
    contents.add(Rule(in: pre, .dnat(.ip, to: hosts, of: .ipDestination)))
    contents.add(Rule(in: pre, .dnat(.ip, to: IPv4Address(198, 51, 100, 2))))
    let (address, port) = (IPv4Address(198, 51, 100, 2).bytes, Register(slot: 4))
    contents.add(
      Rule(
        in: pre, .match(.l4proto, .tcp),
        raw(
          .immediate(.value(address, .first)), .immediate(.value([0, 80], port)),
          .nat(NAT(kind: .destination, family: .ip, address: .first, port: port)))))
    contents.add(
      Rule(
        in: pre, .match(.l4proto, .tcp),
        raw(.immediate(.value([0x1f, 0x90], .first)), .redirect(Redirect(port: .first)))))
    contents.add(Rule(in: post, .snat(.ip, to: IPv4Address(198, 51, 100, 3))))
    contents.add(Rule(in: post, raw(.masquerade(Masquerade(flags: [.random, .persistent])))))
    let (syn, synAndRST) = (Datum(.tcpFlag, bytes: [2]), Datum(.tcpFlag, bytes: [6]))
    contents.add(Rule(in: post, .match(.tcpFlags, syn, mask: synAndRST), .clampSegmentSize))
    contents.add(Rule(in: post, .match(.originalDestination, .ipv4(IPv4Address(198, 51, 100, 2))), .accept))
    return contents
  }

  private static func bridge() -> TableContents {
    let table = Table(.bridge, "frames")
    var contents = TableContents(table)
    let chain = Chain(table.id, "main", .init(.filter, .forward, priority: -200))
    contents.add(chain)
    contents.add(Rule(in: chain, .match(.ipSource, .ipv4(IPv4Address(198, 51, 100, 2))), .accept))
    contents.add(Rule(in: chain, .match(.ip6Source, .ipv6(IPv6Address(rawValue: 1))), .accept))
    contents.add(Rule(in: chain, .match(.arpOperation, Datum(.arpOperation, bytes: [0, 1])), .accept))
    contents.add(Rule(in: chain, .match(.udpDestinationPort, .port(67)), .drop))
    contents.add(Rule(in: chain, .match(.etherDestination, .ether(MACAddress(2, 0, 0, 0, 0, 1))), .drop))
    return contents
  }

  private static let expressionScript = """
    table inet expressions {
      comment "all of them"
      map verdicts { type ifname : verdict; }
      map marks { type ipv4_addr : mark; }
      set seen { type ipv4_addr; size 65535; flags timeout,dynamic; timeout 1h; }
      chain other {
      }
      chain main {
        comment "where all is"
        type filter hook input priority 10; policy drop;
        counter comment "counts"
        limit rate 10/second burst 5 packets accept
        limit rate over 10 kbytes/minute drop
        log prefix "abc " level debug
        log group 5 snaplen 100 queue-threshold 2
        log
        reject with tcp reset
        reject
        ip saddr 203.0.113.1 reject with icmp port-unreachable
        iifname "eth0" goto other
        iifname != "eth0" return
        iifname vmap @verdicts
        ip saddr 198.51.96.0/20
        ip6 daddr fe80::/10
        ip6 saddr fd00::/8 accept
        meta nfproto ipv6 meta l4proto ipv6-icmp accept
        icmpv6 type nd-neighbor-solicit accept
        tcp dport 80 accept
        udp sport 53 accept
        meta pkttype broadcast drop
        ct direction original
        ct state new,invalid,untracked ct status snat,dnat
        meta mark 0x12 ct mark set 3
        meta mark set 0x10001
        meta mark set ip saddr map @marks
        ip saddr set 203.0.113.1
        ip6 daddr set fd00::1
        fib saddr type unicast fib daddr type multicast
        ether saddr 02:00:00:00:00:01
        tcp dport != 1000-2000 accept
        udp dport 1000-2000 accept
        iifgroup & 0xffffff00 == 0x74617000 drop
        exthdr frag exists drop
        frag frag-off != 0 accept
        ip daddr @seen update @seen { ip daddr } accept
      }
    }
    table ip translations {
      map published { type inet_proto . inet_service : ipv4_addr . inet_service; }
      map hosts { type ipv4_addr : ipv4_addr; }
      chain pre {
        type nat hook prerouting priority dstnat;
        dnat ip to meta l4proto . th dport map @published
        dnat ip to ip daddr map @hosts
        dnat to 198.51.100.2
        meta l4proto tcp dnat to 198.51.100.2:80
        meta l4proto tcp redirect to :8080
      }
      chain post {
        type nat hook postrouting priority srcnat;
        snat to 198.51.100.3
        masquerade random,persistent
        tcp flags & (syn|rst) == syn tcp option maxseg size set rt mtu
        ct original ip daddr 198.51.100.2 accept
      }
    }
    table bridge frames {
      chain main {
        type filter hook forward priority -200;
        ip saddr 198.51.100.2 accept
        ip6 saddr ::1 accept
        arp operation request accept
        udp dport 67 drop
        ether daddr 02:00:00:00:00:01 drop
      }
    }
    """
}
