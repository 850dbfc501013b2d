import NFTables
import NetTypes

/// The three tables. Their rules depend only on the kinds of networks (`RulesetParts`). Every fact about a network or a
/// guest is an element of a set or a map, except lists of domains, each of which is a chain (`DomainList.chain`).
enum RulesetTables {
  /// Distinguishes our tables from others of the same name, and this layout from earlier and later ones. `nft list` shows
  /// it.
  static let mark = "made by tapestry; layout "
  /// A hash of the tables. `RulesetDocumentTests` computes it, because that would take a millisecond in each command.
  static let layout = "4cd8cbf20695c824"
  static let comment = "\(mark)\(layout)"

  static let tables = [bridge, arp, inet]
  static let sets = (families.flatMap(\.sets) + ownSets).map(\.named) + limitSets
  private static let ownSets: [any SetDeclaration] = [
    macs, aboutMACs, aboutRoutedMACs, outerQuoted, innerQuoted, bridgeDHCP, bridgeTransmitBytes, bridgeTransmitPackets,
    transmitBytes, transmitPackets, arpGuests, arpTargets, arpPeers, arpOuter, arpInner, bridges, interVM, outer, inner,
    published, publishedAt, hairpin, served, resolvers, dhcpBridges, linkLocal6, metadata6, Notes.set,
  ]
  /// Returns true for a set whose elements come from rules or a name server. They say nothing about networks and guests.
  static func isFilledDynamically(_ set: NamedSet) -> Bool { set.flags.contains(.dynamic) }

  // MARK: Types of sets

  /// A TAP with its guest's MAC.
  typealias MACs = TypedSet<InterfaceName, MACAddress>
  /// From a TAP to the limit of what it may send.
  typealias Rates = TypedMap<InterfaceName, LimitName>
  /// From a TAP and an address on one side of it to the address on the other side.
  typealias Translations = TypedMap<InterfaceName, IPv4Address, IPv4Address>

  // MARK: How a guest's TAP is recognised

  /// The interface group (IFLA_GROUP) of all our TAPs: `tap` and a byte for the kind of TAP. The guards match it, so that a
  /// TAP without elements in the sets below is cut off, not accepted.
  static let groups: UInt32 = 0x7461_7000
  static let groupMask: UInt32 = 0xffff_ff00

  /// The bit of guests with a limit to what they may send.
  static let limited: UInt32 = 4

  static func number(of group: GuestGroup) -> UInt32 { groups + group.kind.rawValue + (group.isLimited ? limited : 0) }

  /// The group of a number. Returns nil if it is not ours.
  static func group(_ number: UInt32) -> GuestGroup? {
    let kind = GuestGroup.Kind(rawValue: number & ~limited &- groups)
    return kind.map { GuestGroup($0, isLimited: number & limited != 0) }
  }

  /// The groups into which TAPs are moved to be deleted together: `tap` and another byte. The guards match the first three
  /// bytes first, so that a TAP stays cut off until it is gone.
  static let leavingGroups = groups + 0x10...groups + 0xff

  /// The groups 01:80:c2:00:00:0X whose frames a port passes to the guard: all. By default a bridge delivers most of them
  /// to the port's own interface, before any hook of the bridge family, and so to the host's ARP and IP. (Bit 1, pause
  /// frames, must not be set: the kernel drops those.)
  static let guardedGroups: UInt16 = 0xfffd

  // MARK: Family bridge: what a guest may send to its bridge

  static let bridge = Table(.bridge, "tapestry", comment: comment)
  static let macs = MACs(bridge.id, "macs")

  /// The MAC that a guest's DHCP messages and neighbour discovery may name.
  static let aboutMACs = MACs(bridge.id, "about_macs", typeof: [.iifname, .dhcpClientEther])

  /// The guests that may use DHCP.
  static let bridgeDHCP = MACs(bridge.id, "dhcp")

  static let bridgeTransmitBytes = Rates(bridge.id, "tx_bytes")
  static let bridgeTransmitPackets = Rates(bridge.id, "tx_packets")

  static let bridgeGuard = Chain(bridge.id, "guard", .init(.filter, .prerouting, priority: -300))
  /// What each guest may send, in bytes and packets.
  static let bridgeLimits = Chain(bridge.id, "limits")
  static let bridgeFromGuest = Chain(bridge.id, "from_guest")
  static let bridgeFromGuest4 = Chain(bridge.id, "from_guest4")
  static let bridgeFromGuest6 = Chain(bridge.id, "from_guest6")
  static let bridgeICMP = Chain(bridge.id, "icmp_from_guest")
  static let bridgeICMPv6 = Chain(bridge.id, "icmpv6_from_guest")
  static let bridgeToDHCP = Chain(bridge.id, "to_dhcp")
  static let bridgeDHCPMessage = Chain(bridge.id, "dhcp_message")

  // MARK: Family arp: what a guest with a routed TAP may say about itself

  static let arp = Table(.arp, "tapestry", comment: comment)
  static let arpGuests = TypedSet<InterfaceName, MACAddress, IPv4Address>(arp.id, "guests")
  /// From a subnet to the addresses that its guests may ask for: their gateway, or the whole subnet if they may reach each
  /// other.
  static let arpTargets = TypedSet<IPPrefix, IPPrefix>(arp.id, "targets")
  /// Guests that are a pair: each may ask for the other.
  static let arpPeers = TypedSet<IPv4Address, IPv4Address>(arp.id, "peers")
  static let arpOuter = Translations(arp.id, "outer")
  static let arpInner = Translations(arp.id, "inner")

  static let arpGuard = Chain(arp.id, "guard", .init(.filter, .input, priority: .filter))
  static let arpFromGuest = Chain(arp.id, "from_guest")
  static let arpToGuest = Chain(arp.id, "to_guest", .init(.filter, .output, priority: .filter))

  // MARK: Family inet: what guests may reach through the host, and on it

  static let inet = Table(.inet, "tapestry", comment: comment)
  /// Each element's comment has the network's addresses and mode.
  static let bridges = TypedSet<InterfaceName>(inet.id, "bridges")
  /// A bridge paired with itself: if br_netfilter shows bridged frames to this table, they pass.
  static let interVM = TypedSet<InterfaceName, InterfaceName>(inet.id, "inter_vm")
  static let aboutRoutedMACs = MACs(inet.id, "about_macs", typeof: [.iifname, .neighborOptionAddress])
  /// From the addresses that a clone uses for itself and its gateway to the outer ones.
  static let outer = Translations(inet.id, "outer")
  /// The reverse of `outer`.
  static let inner = Translations(inet.id, "inner")
  /// The same for packets that ICMP errors quote.
  static let outerQuoted = quoted("outer_quoted")
  static let innerQuoted = quoted("inner_quoted")

  static let transmitBytes = Rates(inet.id, "tx_bytes")
  static let transmitPackets = Rates(inet.id, "tx_packets")

  /// Constant: never forwarded, even if a rule allows it.
  static let linkLocal6 = TypedSet<IPPrefix>(inet.id, "link_local6", of: .v6)
  /// Constant: forwarded only if a rule of at least this prefix length allows it.
  static let metadata6 = TypedSet<IPPrefix>(inet.id, "metadata6", of: .v6)
  /// Constant elements.
  static let constants =
    families.flatMap(\.constants) + SpecialUse.linkLocal6.map { linkLocal6.element(.v6($0)) }
    + SpecialUse.metadata6.map { metadata6.element(.v6($0)) }

  /// From ports of the host, at all of its addresses, to guests' ports.
  static let published = TypedMap<UInt8, UInt16, GuestPort>(inet.id, "published")
  /// The same at one of its addresses.
  static let publishedAt = TypedMap<IPv4Address, UInt8, UInt16, GuestPort>(inet.id, "published_at")
  /// A subnet paired with itself. Packets of guests to published ports of the same network get the gateway's address;
  /// otherwise replies would bypass the host.
  static let hairpin = TypedSet<IPPrefix, IPPrefix>(inet.id, "hairpin")

  /// The guests that each name server's address serves, as pairs.
  static let served = TypedSet<IPPrefix, IPv4Address>(inet.id, "served")
  /// The upstreams that only such a server queries, about domains in lists. What they find becomes allowed.
  static let resolvers = TypedSet<IPv4Address, UInt8, UInt16>(inet.id, "resolvers")
  /// The bridges on which guests without an address request one.
  static let dhcpBridges = TypedSet<InterfaceName>(inet.id, "dhcp_bridges")

  static let fromClone = Chain(inet.id, "from_clone")
  static let quotedByClone = Chain(inet.id, "quoted_by_clone")
  /// Before reassembly (-400): a fragment has its sender's link and is counted; a reassembled packet has neither.
  static let guardChain = Chain(inet.id, "guard", .init(.filter, .prerouting, priority: -425))
  /// IPv6 that does not arrive by a TAP.
  static let guard6 = Chain(inet.id, "guard6")
  /// What each guest may send, in bytes and packets.
  static let limits = Chain(inet.id, "limits")
  static let fromTap = Chain(inet.id, "from_tap")
  static let fromGuest = Chain(inet.id, "from_guest")
  static let fromGuest6 = Chain(inet.id, "from_guest6")
  static let icmp = Chain(inet.id, "icmp_from_guest")
  static let icmpv6 = Chain(inet.id, "icmpv6_from_guest")
  static let forward = Chain(inet.id, "forward", .init(.filter, .forward, priority: .filter))
  /// SYN segments from guests or to them.
  static let segmentSize = Chain(inet.id, "segment_size")
  /// Packets that are related to a connection by what they say about it.
  static let related = Chain(inet.id, "related")
  /// Packets from guests to the outside that are no replies.
  static let leaving = Chain(inet.id, "leaving")
  static let toPublished = Chain(inet.id, "to_published")
  static let input = Chain(inet.id, "input", .init(.filter, .input, priority: .filter))
  static let toService = Chain(inet.id, "to_service")
  static let prerouting = Chain(inet.id, "prerouting", .init(.nat, .prerouting, priority: .dstnat))
  /// Packets from the host itself.
  static let output = Chain(inet.id, "output", .init(.nat, .output, priority: .dstnat))
  static let postrouting = Chain(inet.id, "postrouting", .init(.nat, .postrouting, priority: .srcnat))
  static let masquerading = Chain(inet.id, "masquerading")
  /// The source ports that guests' connections get at the host's address: above those of most services, and of Kubernetes'
  /// node ports.
  static let masqueradePorts: ClosedRange<UInt16> = 32_768...65_535
  /// After NAT.
  static let inward = Chain(inet.id, "inward", .init(.filter, .postrouting, priority: 300))
  /// Drops packets from guests that would keep the guests' addresses.
  static let untranslated = Chain(inet.id, "untranslated")
  static let toClone = Chain(inet.id, "to_clone")
  static let quotedToClone = Chain(inet.id, "quoted_to_clone")

  private static func quoted(_ name: String) -> Translations {
    Translations(inet.id, name, typeof: [.iifname, .quotedSource], mapsTo: .quotedSource)
  }
}
