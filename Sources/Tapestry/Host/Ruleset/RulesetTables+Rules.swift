import NFTables
import NetTypes

extension RulesetTables {
  /// In order within each chain.
  static let allRules =
    guardRules + arpRules + translationRules + inetRules + families.flatMap { $0.egressRules + $0.peerRules }
    + limitRules + outputRules

  /// Packets that arrive by one of our TAPs, including one that is about to be deleted.
  static let isFromTap = NFTables.Statement.match(.iifGroup, anyGroup, mask: groupBytes)
  static let isForTap = NFTables.Statement.match(.oifGroup, anyGroup, mask: groupBytes)
  static let isFromUnlimitedTap = NFTables.Statement.match(
    .iifGroup, anyGroup, mask: .deviceGroup(groupMask | limited))
  static let isRouted = isKind(.iifGroup, .routed)
  static let isFromUnlimitedRoutedTap = NFTables.Statement.match(
    .iifGroup, .deviceGroup(number(of: GuestGroup(.routed))))
  private static let isForRouted = isKind(.oifGroup, .routed)
  /// TAPs of one kind, with limits and without.
  static func isKind(_ field: Field, _ kind: GuestGroup.Kind) -> NFTables.Statement {
    .match(field, .deviceGroup(number(of: GuestGroup(kind))), mask: .deviceGroup(~limited))
  }

  // Packets from no network of ours, and packets to none.
  static let isFromOutside = [
    NFTables.Statement.match(.iifname, notIn: bridges), .match(.iifGroup, not: anyGroup, mask: groupBytes),
  ]
  static let isForOutside = [
    NFTables.Statement.match(.oifname, notIn: bridges), .match(.oifGroup, not: anyGroup, mask: groupBytes),
  ]
  static let anyGroup = Datum.deviceGroup(groups)
  static let groupBytes = Datum.deviceGroup(groupMask)

  private static let isOwnARP: [NFTables.Statement] = [
    .match(.iifname, .arpSourceEther, .arpSourceIP, in: arpGuests),
    .match(.iifname, .etherSource, .arpSourceIP, in: arpGuests),
  ]

  // The kernel would answer on a TAP for every address of the host, such as 127.0.0.1.
  private static let arpRules: [Rule] = [
    Rule(in: arpGuard, isRouted, .jump(arpFromGuest.id.name)),
    Rule(in: arpGuard, isFromTap, .drop),

    Rule(in: arpFromGuest, limitARP, .drop),

    Rule(in: arpFromGuest, .set(.arpSourceIP, from: arpOuter, of: .iifname, .arpSourceIP)),
    Rule(in: arpFromGuest, .set(.arpTargetIP, from: arpOuter, of: .iifname, .arpTargetIP)),
    Rule(in: arpFromGuest, isOwnARP + [.match(.arpSourceIP, .arpTargetIP, in: arpTargets), .accept]),
    Rule(in: arpFromGuest, isOwnARP + [.match(.arpSourceIP, .arpTargetIP, in: arpPeers), .accept]),
    Rule(in: arpFromGuest, isOwnARP + [.match(.arpTargetIP, .arpSourceIP, in: arpPeers), .accept]),
    Rule(in: arpFromGuest, .drop),

    Rule(in: arpToGuest, isForRouted, .set(.arpSourceIP, from: arpInner, of: .oifname, .arpSourceIP)),
    Rule(in: arpToGuest, isForRouted, .set(.arpTargetIP, from: arpInner, of: .oifname, .arpTargetIP)),
  ]

  /// Stateless translation at the TAP: everything in between, including connection tracking, sees outer addresses. A packet
  /// that the maps do not know stays unchanged, and the guard drops it.
  private static let translationRules: [Rule] =
    [
      Rule(in: fromClone, .set(.ipSource, from: outer, of: .iifname, .ipSource)),
      Rule(in: fromClone, .set(.ipDestination, from: outer, of: .iifname, .ipDestination)),
      Rule(in: fromClone, isError, .jump(quotedByClone.id.name)),

      Rule(in: inward, isForRouted, .jump(toClone.id.name)),
      Rule(in: toClone, .set(.ipSource, from: inner, of: .oifname, .ipSource)),
      Rule(in: toClone, .set(.ipDestination, from: inner, of: .oifname, .ipDestination)),
      Rule(in: toClone, isError, .jump(quotedToClone.id.name)),
    ] + quotingRules

  /// nft(8) has no syntax for updating the checksum of the quoted header, so rules that it loads from its own listing do
  /// not.
  private static let quotingRules: [Rule] = [
    Rule(in: quotedByClone, isNoError, .return),
    Rule(in: quotedByClone, .set(.quotedSource, from: outerQuoted, of: .iifname, .quotedSource)),
    Rule(in: quotedByClone, .set(.quotedDestination, from: outerQuoted, of: .iifname, .quotedDestination)),
    Rule(in: quotedToClone, isNoError, .return),
    Rule(in: quotedToClone, .set(.quotedSource, from: innerQuoted, of: .oifname, .quotedSource)),
    Rule(in: quotedToClone, .set(.quotedDestination, from: innerQuoted, of: .oifname, .quotedDestination)),
  ]

  /// The kernel does not apply NAT to a connection that it has already confirmed, and with br_netfilter it confirms those
  /// of guests' broadcasts. A packet of such a connection would show the guest's own address outside.
  private static let untranslatedRules: [Rule] =
    [
      // Replies from a published port: their source becomes the host's.
      Rule(
        in: untranslated, .match(.ctDirection, Datum(.connectionDirection, bytes: [1])), .match(.ctStatus, .dnat),
        .return),
      Rule(in: untranslated, isFromOutside + [.return]),
    ] + families.map { Rule(in: untranslated, [.match($0.source, in: $0.subnets)] + isForOutside + [.drop]) }

  // Errors (RFC 792: unreachable, time exceeded, parameter problem) quote the packet that they are about.
  private static let isError = NFTables.Statement.match(.icmpType, from: .icmpType(3), through: .icmpType(12))
  /// Types in that range that are no errors.
  private static let isNoError = NFTables.Statement.match(.icmpType, from: .icmpType(4), through: .icmpType(10))

  private static let inetRules: [Rule] =
    [
      Rule(in: forward, .match(.tcpFlags, syn, mask: synAndRST), .jump(segmentSize.id.name)),
      // Most packets: of connections whose first packet was accepted and translated. (`new`: it was not answered yet.)
      Rule(in: forward, .match(.ctStatus, .snat), .match(.ctState, [.established, .new]), .accept),
      Rule(in: forward, .match(.ctStatus, .confirmed), .match(.ctStatus, not: .snat), .jump(untranslated.id.name)),
      Rule(in: forward, .match(.ctState, .established), .accept),
      Rule(in: forward, isFromOutside + isForOutside + [.accept]),
      Rule(in: forward, .match(.ctState, .related), .jump(related.id.name)),
      // Only the host itself reaches ports that are published at 127.0.0.1.
      Rule(
        in: forward, .match(.ctStatus, .dnat),
        .match(.originalDestination, from: .ipv4(loopback.address), through: .ipv4(loopback.lastAddress)), .drop),
    ] + limitingBeginnings(forward) + [
      // Only from guests: packets from outside to outside were accepted above.
      Rule(in: forward, isForOutside + [.goto(leaving.id.name)]),
      Rule(in: forward, .match(.iifname, .oifname, in: interVM), .goto(amongGuests.id.name)),
    ]
    + families.map {
      Rule(in: forward, isRouted, isForRouted, .match($0.source, $0.destination, in: $0.interVMSubnets), .accept)
    } + [
      Rule(in: forward, isFromOutside + [.match(.ctStatus, .dnat), .accept]),
      Rule(in: forward, .match(.ctStatus, .dnat), hasPorts, .goto(toPublished.id.name)),
    ]
    + families.map {
      Rule(in: forward, hasPorts, .match($0.source, $0.destination, in: $0.peers), .goto($0.toPeer.id.name))
    } + [
      Rule(in: forward, .drop),

      Rule(in: leaving, .jump(towards.id.name)),
      // NAT ignores packets without a connection: they would show the guest's own address outside.
    ]
    + families.map {
      Rule(in: leaving, .match(.ctState, [.invalid, .untracked]), .match($0.source, in: $0.subnets), .drop)
    } + [
      // No rule can judge a packet that is too short to have ports.
      Rule(in: leaving, isIPv6, hasPorts, .goto(v6.egress.id.name)),
      Rule(in: leaving, hasPorts, .goto(v4.egress.id.name)),
      Rule(in: leaving, .drop),

      // Published ports are also reached from 127.0.0.1, so guests' links may route that. Packets from elsewhere to it must
      // not reach the host's own services there, unless they are replies to it.
      Rule(
        in: input, .match(.ipDestination, in: loopback), .match(.iifname, not: .interface(loopbackLink)),
        .match(.iifKind, not: .interface(virtualRouter)),
        .match(.ctState, [.new, .related, .invalid, .untracked]), .drop),
      Rule(in: input, .match(.iifname, not: .interface(loopbackLink)), isService, .goto(toService.id.name)),
      Rule(
        in: input, .match(.iifname, not: .interface(loopbackLink)),
        .match(.ip6Destination, .l4proto, .destinationPort, in: v6.services), .drop),
      Rule(in: input, .match(.iifname, not: .interface(loopbackLink)), isResolver, .drop),
      Rule(in: input, isFromOutside + [.accept]),
      Rule(in: input, .match(.ctState, .established), .accept),
      Rule(in: input, .match(.ctState, .related), .jump(related.id.name)),
    ] + limitingBeginnings(input) + [
      Rule(
        in: input, .match(.iifname, in: dhcpBridges), .match(.ipDestination, .ipv4(broadcast)),
        .match(.udpDestinationPort, .port(67)), .accept)
    ] + families.flatMap(hostRules) + [
      Rule(in: input, .drop),

      Rule(in: toService, isFromOutside + [.drop]),
    ] + nameLimits + [
      Rule(in: toService, .match(.ipSource, .ipDestination, in: served), .accept),
      Rule(in: toService, .drop),

    ]
    + families.map {
      Rule(in: postrouting, [.match($0.source, in: $0.subnets)] + isForOutside + [.goto(masquerading.id.name)])
    } + [
      Rule(in: postrouting, .match(.ctStatus, .dnat), .match(.ipSource, .ipDestination, in: hairpin), .masquerade),
      Rule(in: postrouting, .match(.ipSource, in: loopback), .match(.oifname, in: bridges), .masquerade),
      Rule(in: postrouting, .match(.ipSource, in: loopback), isForTap, .masquerade),
    ] + segmentSizeRules + untranslatedRules + masqueradingRules + relatedRules + publishedRules
    + [prerouting, output].flatMap(publishing)

  /// In the chain `input`: host access's ping and ports.
  private static func hostRules(_ tables: FamilyTables) -> [Rule] {
    // Neighbour discovery has no connection.
    let discovery: [Rule] = [
      Rule(in: input, .match(.icmpv6Type, .icmpv6Type(133)), .accept),
      Rule(in: input, .match(.icmpv6Type, from: .icmpv6Type(135), through: .icmpv6Type(136)), .accept),
    ]
    return (tables.family == .v6 ? discovery : []) + [
      Rule(in: input, tables.isEchoRequest, .match(tables.source, in: tables.hostPing), .accept),
      Rule(in: input, .match(tables.source, .l4proto, .destinationPort, in: tables.hostAccess), .accept),
    ]
  }

  /// The host receives the replies to what a guest sends from a port of the host's address. So no guest gets a port at
  /// which the host, or a guest by a published port, might serve others. The guest's own source port does not determine the
  /// port that it gets.
  private static let masqueradingRules: [Rule] = [
    Rule(in: masquerading, .match(.l4proto, .tcp), .masquerade(ports: masqueradePorts)),
    Rule(in: masquerading, .match(.l4proto, .udp), .masquerade(ports: masqueradePorts)),
    Rule(in: masquerading, .masquerade),
  ]

  private static let relatedRules: [Rule] =
    redirectRules(related)
    + [.match(.icmpTypeAndCode, .integer([3, 4])), .match(.icmpv6Type, .icmpv6Type(2))].map {
      (isTooBig: NFTables.Statement) in
      // Only routers may report a smaller path MTU. A report from a guest behind NAT would count for the host's address,
      // and slow down everything behind it. The host itself reports the MTU of its guests' links.
      Rule(in: related, [isTooBig, .match(.ctStatus, [.snat, .dnat])] + isForOutside + [.drop])
    } + [
      // Errors about connections. Errors from guests quote packets that the guest was sent, which the guards have checked.
      // Connections that a conntrack helper expects (such as FTP data) are related too, but are no errors: they are judged
      // like new ones.
      Rule(in: related, .match(.l4proto, .icmp), .accept),
      Rule(in: related, .match(.l4proto, .icmpv6), .accept),
    ]

  /// Judges the destination that the guest asked for, before DNAT. (nft derives the type of that port from the protocol
  /// before it.)
  private static let publishedRules: [Rule] =
    [v4.guestRules.named, v4.networkRules.named].flatMap { map in
      [Datum.tcp, .udp].map { transport in
        Rule(
          in: toPublished, .match(.l4proto, transport),
          .verdict(of: .ipSource, .originalDestination, .l4proto, .originalPort, in: map))
      }
    } + [Rule(in: toPublished, .goto(v4.reach.id.name))]

  /// Clamps the MSS, so that guests need no path MTU messages, which may get lost, if an uplink (such as a VPN) has a
  /// smaller MTU.
  private static let segmentSizeRules: [Rule] = [
    Rule(in: segmentSize, isFromOutside + isForOutside + [.return]), Rule(in: segmentSize, .clampSegmentSize),
  ]

  private static func publishing(_ chain: Chain) -> [Rule] {
    [
      Rule(in: chain, .match(.destinationRouteType, not: .local), .accept),
      Rule(in: chain, isService, .accept),
      Rule(in: chain, isResolver, .accept),
      Rule(in: chain, .dnat(.ip, to: publishedAt, of: .ipDestination, .l4proto, .destinationPort)),
      Rule(in: chain, .dnat(.ip, to: published, of: .l4proto, .destinationPort)),
    ]
  }

  /// 127.0.0.0/8.
  static let loopback = IPv4Prefix(known: IPv4Address(127, 0, 0, 0), prefixLength: 8)

  static let loopbackLink = InterfaceName(known: "lo")
  /// A VRF has its own 127.0.0.0/8, and packets to that arrive by the VRF.
  private static let virtualRouter = InterfaceName(known: "vrf")
  static let broadcast = IPv4Address(rawValue: .max)
  static let isIPv6 = NFTables.Statement.match(.nfproto, .ipv6)
  static let isIPv4 = NFTables.Statement.match(.etherType, .etherType(0x0800))
  private static let isService = NFTables.Statement.match(.ipDestination, .l4proto, .destinationPort, in: v4.services)
  private static let isResolver = NFTables.Statement.match(.ipDestination, .l4proto, .destinationPort, in: resolvers)
  private static let syn = Datum(.tcpFlag, bytes: [0x02])
  private static let synAndRST = Datum(.tcpFlag, bytes: [0x06])

  /// Matches if the packet has the bytes where ports are.
  static let hasPorts = NFTables.Statement.match(.destinationPort, from: .port(0), through: .port(.max))
}
