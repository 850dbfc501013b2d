import NFTables
import NetTypes

/// Limits on what one guest may take of shared resources. They hold for every guest. Each is counted in a dynamic set whose
/// elements come from packets, keyed by the guest; attaching a guest adds nothing. The limits come after a comparison that
/// few packets match: packets of established connections, and packets that are no fragments, do not pay for them.
extension RulesetTables {
  static let limitSets =
    families.flatMap(\.fragmentSets).map(\.named) + ConnectionClass.standard.sets + [
      arpRates.named, newHops.named, prefixes6.named, questions.named, nameConnections.named,
    ]
  static let limitRules =
    families.flatMap(\.fragmentRules) + beginningRules + ConnectionClass.standard.rules + neighborRules

  /// How long a guest's count is kept after its last packet, in milliseconds: longer than any bucket takes to refill.
  static let meterTimeout: UInt64 = 60_000
  static func meter<each Key: SetKey>(_ table: Table.ID, _ name: String) -> TypedSet<repeat each Key> {
    TypedSet(table, name, flags: [.timeout, .dynamic], timeout: meterTimeout)
  }

  static func over(_ rate: UInt64, burst: UInt32, unit: Limit.Unit = .packets) -> Limit {
    Limit(rate: rate, burst: burst, unit: unit, isInverted: true)
  }

  // MARK: ARP

  /// ARP from guests with routed TAPs. Rate limits do not count it, because they look at IP.
  static let arpRates: TypedSet<InterfaceName> = meter(arp.id, "rates")
  static let limitARP = NFTables.Statement.limit(over(50, burst: 100), of: .iifname, in: arpRates)

  // MARK: Connections

  /// Counts packets that begin a connection.
  static let beginning = Chain(inet.id, "beginning")

  /// Counts only connections that guests begin, not those from outside to published ports.
  private static let beginningRules: [Rule] =
    [Rule(in: beginning, isFromOutside + [.return])]
    + families.map { Rule(in: beginning, .verdict(of: $0.source, in: $0.maxConnections)) }
    + [Rule(in: beginning, .goto(ConnectionClass.standard.chain.id.name))]

  /// For a chain that has already accepted packets of established connections.
  static func limitingBeginnings(_ chain: Chain) -> [Rule] {
    [Rule(in: chain, .beginsConnection, .jump(beginning.id.name))]
  }

  // MARK: Neighbours

  /// Between guests of one bridge.
  static let amongGuests = Chain(inet.id, "among_guests")
  /// Bridges, with their guests' IPv6 prefixes, each of length 64.
  static let prefixes6 = TypedSet<InterfaceName, IPv6Address>(inet.id, "prefixes6")
  /// From a guest on a bridge to its own prefix.
  static let withinPrefix6 = Chain(inet.id, "within_prefix6")

  /// In the guard, because the kernel looks the neighbour up before it forwards, to send a redirect (ip6_forward).
  static let limitingNeighbors6: [Rule] = [
    Rule(in: guard6, .match(.iifname, .ip6Destination, prefixLength: 64, in: prefixes6), .jump(withinPrefix6.id.name))
  ]

  /// Packets from guests to the outside that are no replies.
  static let towards = Chain(inet.id, "towards")
  static let newHops: MACs = meter(inet.id, "new_hops")

  /// ARPHRD_ETHER.
  private static let ethernet = Datum(.deviceType, bytes: [1, 0])

  private static let neighborRules: [Rule] =
    // For an address that no guest has, the host would look for a neighbour and remember that there is none. Packets that
    // are not for one MAC, or only for the link, are not forwarded by the host; they appear here if br_netfilter shows
    // bridged frames.
    families.map { Rule(in: amongGuests, .match($0.destination, in: $0.interVMGuests), .accept) }
    + [
      Rule(in: amongGuests, .match(.packetType, Datum(.packetType, bytes: [0])), .drop),
      Rule(in: amongGuests, .accept),
      Rule(in: withinPrefix6, .match(.ip6Destination, in: v6.interVMGuests), .return),
      Rule(in: withinPrefix6, .match(.ip6Source, .ip6Destination, in: v6.peers), .return),
      // Replies.
      Rule(in: withinPrefix6, .match(.ip6Destination, .ip6Source, in: v6.peers), .return),
      Rule(in: withinPrefix6, .match(.destinationRouteType, .local), .return),
      Rule(in: withinPrefix6, .drop),

      // A tunnel has no neighbours: the next hop of its packets is their destination.
      Rule(in: towards, .match(.oifType, not: ethernet), .return),
    ]
    // The next hop is mostly the uplink's router. In the uplink's own subnet each address is a next hop.
    + families.map { Rule(in: towards, .match($0.source, $0.nextHop, in: $0.nextHops), .return) }
    + [Rule(in: towards, .limit(over(10, burst: 64), of: .iifname, .etherSource, in: newHops), .drop)]
    + families.map { Rule(in: towards, .update($0.nextHops, $0.source, $0.nextHop)) }

  // MARK: Names

  private static let questions: TypedSet<IPv4Address> = meter(inet.id, "questions")
  private static let nameConnections = TypedSet<IPv4Address>(inet.id, "name_connections", flags: .dynamic)

  /// For the chain `toService`: dnsmasq serves all its guests with a limited number of pending queries and connections.
  static let nameLimits: [Rule] =
    limitingBeginnings(toService) + [
      Rule(in: toService, .match(.l4proto, .udp), .limit(over(100, burst: 200), of: .ipSource, in: questions), .drop),
      Rule(
        in: toService, .match(.tcpDestinationPort, .port(53)), .beginsConnection,
        .limit(ConnectionLimit(count: 4, isInverted: true), of: .ipSource, in: nameConnections), .drop),
    ]
}

// MARK: - Fragments

/// The host keeps incomplete datagrams for half a minute, those of IPv6 for a minute, in 4 MB for each family
/// (ipfrag_high_thresh, nf_conntrack_frag6_high_thresh), and accepts no more when these are full. So all guests together
/// get a part of that, and each guest at most a part of the part. The limits count packets, because even short ones take a
/// kilobyte, and bytes, because a TAP accepts frames of 64 kB.
extension FamilyTables {
  var isFragment: NFTables.Statement { family == .v4 ? .isFragment4 : .match(.fragmentHeader, .boolean(true)) }

  fileprivate var fragmentSets: [TypedSet<InterfaceName>] {
    [bridgeFragments, fragments].flatMap { [meter("fragments", of: $0), meter("fragment_bytes", of: $0)] }
  }

  private func meter(_ name: String, of chain: Chain) -> TypedSet<InterfaceName> {
    RulesetTables.meter(chain.id.table, family.suffixed(name))
  }

  fileprivate var fragmentRules: [Rule] {
    let (each, all): (UInt64, UInt64) = family == .v4 ? (25, 40) : (12, 20)
    func over(_ rate: UInt64, burst: UInt32, unit: Limit.Unit = .packets) -> Limit {
      RulesetTables.over(rate, burst: burst, unit: unit)
    }
    return [bridgeFragments, fragments].flatMap { chain in
      [
        Rule(in: chain, .limit(over(each, burst: 100), of: .iifname, in: meter("fragments", of: chain)), .drop),
        Rule(
          in: chain,
          .limit(over(each * 1500, burst: 150_000, unit: .bytes), of: .iifname, in: meter("fragment_bytes", of: chain)),
          .drop),
      ]
    } + [
      Rule(in: fragments, .goto(allFragments.id.name)),
      Rule(in: allFragments, .limit(over(all, burst: 300)), .drop),
      Rule(in: allFragments, .limit(over(all * 1500, burst: 450_000, unit: .bytes)), .drop),
    ]
  }

  /// For the chains to which guards send what arrives by a TAP.
  func limitingFragments(_ chain: Chain, _ limits: Chain) -> Rule { Rule(in: chain, isFragment, .jump(limits.id.name)) }
}

extension RulesetTables {
  /// In the guard of family inet: packets that the bridge's guard has accepted reach the host by the bridge.
  static let limitingBridgedFragments: [Rule] = [(guardChain, v4), (guard6, v6)].map { chain, tables in
    Rule(in: chain, tables.isFragment, .match(.iifname, in: bridges), .jump(tables.allFragments.id.name))
  }
}
