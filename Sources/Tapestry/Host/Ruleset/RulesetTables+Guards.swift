import NFTables
import NetTypes

/// The guards decide what a guest may send at all. They accept what a guest needs, and drop the rest.
///
/// Rules match what may pass: a field that a short packet lacks matches nothing, so a truncated packet cannot be mistaken
/// for one that may pass.
extension RulesetTables {
  static let guardRules = bridgeGuardRules + inetGuardRules

  private static let bridgeGuardRules: [Rule] =
    [
      // Most frames. Here and in from_guest the rules match the EtherType in the frame, so a frame with a VLAN tag matches
      // none of them.
      Rule(in: bridgeGuard, isFromUnlimitedTap, isIPv4, .goto(bridgeFromGuest4.id.name)),
      Rule(in: bridgeGuard, isFromTap, .goto(bridgeLimits.id.name)),

      Rule(in: bridgeLimits, isFromUnlimitedTap, .goto(bridgeFromGuest.id.name)),
      // Excess packets are dropped first.
      Rule(in: bridgeLimits, .limit(of: .iifname, in: bridgeTransmitBytes), .drop),
      Rule(in: bridgeLimits, .limit(of: .iifname, in: bridgeTransmitPackets), .drop),
      Rule(in: bridgeLimits, .goto(bridgeFromGuest.id.name)),

      // The rules below need only the protocol checks that nft(8) adds to rules anyway, so it reads its own listing back
      // unchanged.
      Rule(in: bridgeFromGuest, isIPv4, .goto(bridgeFromGuest4.id.name)),
      Rule(in: bridgeFromGuest, isIPv6Frame, .goto(bridgeFromGuest6.id.name)),
      Rule(
        in: bridgeFromGuest, .match(.etherType, .etherType(0x0806)), .match(.arpKinds, ethernetForIPv4),
        .match(.arpSizes, sixForFour), isARP, hasTarget,
        .match(.iifname, .arpSourceEther, .arpSourceIP, in: v4.bridged), .match(.iifname, .etherSource, in: macs),
        .accept),
      Rule(in: bridgeFromGuest, .drop),

      // Most packets: of the rules below, only the last concerns them.
      Rule(
        in: bridgeFromGuest4, hasNoOptions, .isWhole4, isNotICMP,
        .match(.destinationPort, notFrom: .port(67), through: .port(68)),
        .match(.iifname, .etherSource, .ipSource, in: v4.bridged), .accept),
      v4.limitingFragments(bridgeFromGuest4, v4.bridgeFragments),
      // No guest may give another its address, a name server or a route.
      Rule(in: bridgeFromGuest4, .match(.udpDestinationPort, .port(68)), .drop),
      Rule(in: bridgeFromGuest4, .match(.udpDestinationPort, .port(67)), .goto(bridgeToDHCP.id.name)),
    ] + guarding(bridgeFromGuest4, bridgeICMP, v4.bridged, v4.aboutBridged) + [
      Rule(in: bridgeFromGuest4, .drop),

      // Only for the guest itself: a whole message, directly from the client.
      Rule(
        in: bridgeToDHCP, hasNoOptions, .isWhole4, .match(.dhcpRelay, .ipv4(nobody)),
        .match(.iifname, .dhcpClientEther, in: aboutMACs), .match(.iifname, .etherSource, in: bridgeDHCP),
        .goto(bridgeDHCPMessage.id.name)),
      Rule(in: bridgeToDHCP, .drop),
      // A client without an address sends from 0.0.0.0.
      Rule(
        in: bridgeDHCPMessage, .match(.ipSource, .ipv4(nobody)), .match(.ipDestination, .ipv4(broadcast)),
        .match(.udpSourcePort, .port(68)), .accept),
      Rule(in: bridgeDHCPMessage, .match(.iifname, .etherSource, .ipSource, in: v4.bridged), .accept),
      Rule(in: bridgeDHCPMessage, .drop),
      v6.limitingFragments(bridgeFromGuest6, v6.bridgeFragments),
    ] + guarding6(bridgeFromGuest6, bridgeICMPv6, v6.bridged, v6.aboutBridged, aboutMACs)

  private static let inetGuardRules: [Rule] =
    [
      // A clone's addresses become the outer ones first.
      Rule(in: guardChain, isRouted, .jump(fromClone.id.name)),
      Rule(in: guardChain, isFromUnlimitedRoutedTap, .goto(fromGuest.id.name)),
      Rule(in: guardChain, isFromTap, .goto(fromTap.id.name)),
      Rule(in: guardChain, isIPv6, .goto(guard6.id.name)),
    ] + limitingBridgedFragments + limitingNeighbors6 + [
      Rule(in: fromTap, isRouted, .goto(limits.id.name)),
      // Packets that the bridge's guard has checked arrive by the bridge. A packet that arrives by a bridge port's TAP
      // itself has bypassed it: somebody took the TAP off its bridge.
      Rule(in: fromTap, .drop),

      Rule(in: limits, .limit(of: .iifname, in: transmitBytes), .drop),
      Rule(in: limits, .limit(of: .iifname, in: transmitPackets), .drop),
      Rule(in: limits, .goto(fromGuest.id.name)),

      // Most packets.
      Rule(
        in: fromGuest, hasNoOptions, .isWhole4, isNotICMP,
        .match(.iifname, .etherSource, .ipSource, in: v4.routed), .accept),
      v4.limitingFragments(fromGuest, v4.fragments), v6.limitingFragments(fromGuest, v6.fragments),
    ] + guarding(fromGuest, icmp, v4.routed, v4.aboutRouted) + [
      Rule(in: fromGuest, isIPv6, .goto(fromGuest6.id.name)),
      Rule(in: fromGuest, .drop),
    ] + guarding6(fromGuest6, icmpv6, v6.routed, v6.aboutRouted, aboutRoutedMACs)

  /// A request or a reply, which names the address that it is about.
  private static let isARP = NFTables.Statement.match(
    .arpOperation, from: Datum(.arpOperation, bytes: [0, 1]), through: Datum(.arpOperation, bytes: [0, 2]))
  private static let hasTarget = NFTables.Statement.match(
    .arpTargetIP, from: .ipv4(nobody), through: .ipv4(broadcast))
  /// Ethernet addresses of six bytes for IPv4 addresses of four (RFC 826).
  private static let ethernetForIPv4 = Datum.integer([0x00, 0x01, 0x08, 0x00])
  private static let sixForFour = Datum.integer([6, 4])
  private static let nobody = IPv4Address(rawValue: 0)

  // MARK: IPv4

  /// No options: a guest needs none, and some choose a packet's route (RFC 791: LSRR, SSRR).
  private static let hasNoOptions = NFTables.Statement.match(
    .ipFirstByte, .integer([5]), mask: .integer([0x0f]))

  /// All protocols except ICMP, which is rare, and 0, which IPv4 does not use. The kernel does not look up the protocol of
  /// a packet that is shorter than it says, so this does not match it.
  private static let isNotICMP = NFTables.Statement.match(.l4proto, above: .icmp)

  /// The IPv4 that a guest may send, apart from DHCP: anything from its own address; of ICMP, pings and errors.
  private static func guarding(
    _ chain: Chain, _ icmp: Chain, _ guests: FamilyTables.Guests, _ about: FamilyTables.Guests
  ) -> [Rule] {
    let own = NFTables.Statement.match(.iifname, .etherSource, .ipSource, in: guests)
    func type(_ number: UInt8) -> NFTables.Statement { .match(.icmpType, .icmpType(number)) }
    return [
      Rule(in: chain, hasNoOptions, isNotICMP, own, .accept),
      Rule(in: chain, hasNoOptions, .match(.l4proto, .icmp), .goto(icmp.id.name)),

      Rule(in: icmp, type(8), own, .accept),
      Rule(in: icmp, type(0), own, .accept),
      // The first fragment of a message has been judged by its type.
      Rule(in: icmp, .isLaterFragment4, own, .accept),
    ]
      // An error quotes the packet that it is about. The host would believe an error about another guest's connection (RFC
      // 792).
      + [(3, 3), (11, 12)].map { first, last in
        Rule(
          in: icmp, .match(.icmpType, from: .icmpType(first), through: .icmpType(last)),
          .match(.iifname, .etherSource, .quotedDestination, in: about), own, .accept)
      } + [Rule(in: icmp, .drop)]
  }

  // MARK: IPv6

  private static let isIPv6Frame = NFTables.Statement.match(.etherType, .etherType(0x86dd))

  /// The IPv6 that a guest may send: neighbour discovery of itself, pings, errors, its multicast listener reports, and
  /// anything else from its own addresses.
  ///
  /// Only routers send router advertisements and redirects (RFC 4861); only servers send DHCPv6 answers (RFC 8415).
  /// Fragmented ICMPv6 could be any of these, and cannot be checked before reassembly: RFC 6980, RFC 7113.
  private static func guarding6(
    _ chain: Chain, _ icmpv6: Chain, _ guests: FamilyTables.Guests, _ about: FamilyTables.Guests, _ macs: MACs
  ) -> [Rule] {
    let own = NFTables.Statement.match(.iifname, .etherSource, .ip6Source, in: guests)
    let isOnBridge = chain.id.table == bridge.id
    let hasProtocol = NFTables.Statement.match(.l4proto, from: .inetProtocol(0), through: .inetProtocol(255))
    return [
      // Most packets: TCP and UDP without extension headers. No rule below concerns them.
      Rule(in: chain, .match(.ip6NextHeader, .tcp), hasPorts, own, .accept),
      Rule(
        in: chain, .match(.ip6NextHeader, .udp), .match(.sourcePort, notFrom: .port(546), through: .port(547)),
        .match(.destinationPort, notFrom: .port(546), through: .port(547)), own, .accept),
      Rule(in: chain, .match(.routingHeader, .boolean(true)), .drop),
      // At this header nft's search for the protocol ends, but connection tracking continues: RFC 4302.
      Rule(in: chain, .match(.l4proto, .inetProtocol(51)), .drop),
      // Fragments could hide a router advertisement: RFC 6980.
      Rule(
        in: chain, isOnBridge ? isIPv6Frame : isIPv6, .match(.l4proto, .icmpv6),
        .match(.fragmentHeader, .boolean(true)), .drop),
      Rule(in: chain, .match(.l4proto, .icmpv6), .goto(icmpv6.id.name)),
      Rule(in: chain, .match(.udpSourcePort, .port(547)), .drop),
      Rule(in: chain, .match(.udpDestinationPort, .port(546)), .drop),
      // A packet without ports in their place could be anything, except a later fragment, whose first fragment has been
      // judged. A packet whose protocol is in doubt matches neither rule.
      Rule(in: chain, [hasPorts, hasProtocol] + (isOnBridge ? [] : [isIPv6Frame]) + [own, .accept]),
      Rule(in: chain, .isLaterFragment, hasProtocol, own, .accept),
      Rule(in: chain, .drop),
    ] + pinging6(icmpv6, own, about) + discovering(icmpv6, own, about, macs) + [Rule(in: icmpv6, .drop)]
  }

  private static func pinging6(_ chain: Chain, _ own: NFTables.Statement, _ about: FamilyTables.Guests) -> [Rule] {
    [
      Rule(in: chain, type6(128...129), own, .accept),
      Rule(
        in: chain, type6(1...4), .match(.iifname, .etherSource, .quotedDestination6, in: about), own, .accept),
      // Multicast listener reports (RFC 2710, RFC 3810); a guest may not send queries.
      Rule(in: chain, type6(131...132), own, .accept),
      Rule(in: chain, type6(143...143), own, .accept),
    ]
  }

  /// Neighbour discovery (RFC 4861). Receivers learn a MAC from its options, so there must be none, or only the guest's
  /// own.
  private static func discovering(
    _ chain: Chain, _ own: NFTables.Statement, _ about: FamilyTables.Guests, _ macs: MACs
  ) -> [Rule] {
    let aboutOwn = NFTables.Statement.match(.iifname, .etherSource, .neighborTarget, in: about)
    let fromNobody = NFTables.Statement.match(.ip6Source, .ipv6(IPv6Address(rawValue: 0)))
    let ownOption = NFTables.Statement.match(.iifname, .neighborOptionAddress, in: macs)
    // No extension header, so that the length shows which options are there.
    func length(_ bytes: UInt8) -> NFTables.Statement { .match(.ip6LengthAndNextHeader, .integer([0, bytes, 58])) }
    func option(_ type: UInt8) -> [NFTables.Statement] {
      [length(32), .match(.neighborOption, .integer([type, 1]))]
    }
    return [
      // Duplicate address detection (RFC 4862, 5.4.2), from the unspecified address, perhaps with a nonce (RFC 7527).
      // Router solicitations from it are not accepted: all guests would receive the answer.
      Rule(in: chain, type6(135...135), length(24), fromNobody, aboutOwn, .accept),
      Rule(in: chain, [type6(135...135)] + option(14) + [fromNobody, aboutOwn, .accept]),
      Rule(in: chain, type6(135...135), length(24), own, .accept),
      Rule(in: chain, [type6(135...135)] + option(1) + [ownOption, own, .accept]),
      Rule(in: chain, type6(136...136), length(24), aboutOwn, own, .accept),
      Rule(in: chain, [type6(136...136)] + option(2) + [ownOption, aboutOwn, own, .accept]),
      Rule(in: chain, type6(133...133), length(8), own, .accept),
      Rule(
        in: chain, type6(133...133), length(16), .match(.solicitationOption, .integer([1, 1])),
        .match(.iifname, .solicitationOptionAddress, in: macs), own, .accept),
    ]
  }

  private static func type6(_ numbers: ClosedRange<UInt8>) -> NFTables.Statement {
    numbers.count == 1
      ? .match(.icmpv6Type, .icmpv6Type(numbers.lowerBound))
      : .match(.icmpv6Type, from: .icmpv6Type(numbers.lowerBound), through: .icmpv6Type(numbers.upperBound))
  }
}
