import NFTables
import NetTypes

/// The three tables. Their rules are constant: every fact about a network or a guest is an element of a set or a map; but
/// for lists of domains, each of which is a chain (`DomainList.chain`).
enum RulesetTables {
  /// Tells our tables from others of the same name, and this layout from earlier and later ones. `nft list` shows it.
  static let mark = "made by tapestry; layout "
  /// A hash of the tables, which `RulesetDocumentTests` computes: to do so with each command would take a millisecond.
  static let layout = "e3aa36b6791070a0"
  static let comment = "\(mark)\(layout)"

  static let tables = [bridge, arp, inet]
  static let sets =
    families.flatMap(\.sets) + [
      macs, aboutMACs, aboutRoutedMACs, outerQuoted, innerQuoted, bridgeDHCP, bridgeTransmitBytes,
      bridgeTransmitPackets,
      transmitBytes, transmitPackets, arpGuests, arpTargets, arpOuter, arpInner, bridges, interVM, outer, inner,
      published,
      publishedAt, hairpin, served, resolvers, dhcpBridges, linkLocal6, metadata6,
    ] + limitSets
  static let chains =
    [
      bridgeGuard, bridgeFromGuest, bridgeFromGuest4, bridgeFromGuest6, bridgeICMP, bridgeICMPv6, bridgeToDHCP,
      bridgeDHCPMessage, bridgeOutput, bridgeToClient, arpGuard, arpFromGuest, arpToGuest, outward, fromClone,
      quotedByClone,
      guardChain, guard6, fromTap, fromGuest, fromGuest6, icmp, icmpv6, forward, related, leaving, toPublished, input,
      toService, prerouting, output, postrouting, inward, toClone, quotedToClone, redirects, untranslated, masquerading,
    ] + families.flatMap(\.chains) + limitChains
  /// Whether rules, or a name server, add the elements of a set: they tell nothing of networks and guests.
  static func fillsItself(_ set: NamedSet) -> Bool { set.flags.contains(.dynamic) }

  // MARK: How a guest's TAP is known

  /// The interface group (IFLA_GROUP) of every TAP of ours: `tap` and a byte for the way its packets take. The guards go
  /// by it, so that a TAP without elements in the sets below is cut off, not let through.
  static let groups: UInt32 = 0x7461_7000
  static let groupMask: UInt32 = 0xffff_ff00

  static func number(of group: GuestGroup) -> UInt32 {
    switch group {
    case .bridged: groups
    case .routed: groups + 1
    case .shared: groups + 2
    }
  }

  /// The group of a number; nil for one that is not ours.
  static func group(_ number: UInt32) -> GuestGroup? {
    [.bridged, .routed, .shared].first { Self.number(of: $0) == number }
  }

  /// The groups into which TAPs are moved to be deleted together: `tap` and another byte. The guards look at the first
  /// three bytes first, so that a TAP stays cut off to its end.
  static let leavingGroups = groups + 0x10...groups + 0xff

  /// The groups 01:80:c2:00:00:0X whose frames a port gives to the guard: all. A bridge hands most of them to the port's
  /// own interface, before any hook of the bridge family, and so to the host's ARP and IP. (Bit 1, pause, is not to be
  /// set: the kernel drops those.)
  static let guardedGroups: UInt16 = 0xfffd

  // MARK: Family bridge: what a guest may send to its bridge

  static let bridge = Table(.bridge, "tapestry", comment: comment)
  static let macs = NamedSet(bridge.id, "macs", .interfaceName, .etherAddress)

  /// The MAC that a guest's DHCP messages and neighbour discovery may name.
  static let aboutMACs = NamedSet(bridge.id, "about_macs", typeof: [.iifname, .dhcpClientEther])

  /// The guests that get an answer to DHCP.
  static let bridgeDHCP = NamedSet(bridge.id, "dhcp", .interfaceName, .etherAddress)

  static let bridgeTransmitBytes = rates(bridge, "tx_bytes")
  static let bridgeTransmitPackets = rates(bridge, "tx_packets")

  static let bridgeGuard = Chain(bridge.id, "guard", .init(.filter, .prerouting, priority: -300))
  static let bridgeFromGuest = Chain(bridge.id, "from_guest")
  static let bridgeFromGuest4 = Chain(bridge.id, "from_guest4")
  static let bridgeFromGuest6 = Chain(bridge.id, "from_guest6")
  static let bridgeICMP = Chain(bridge.id, "icmp_from_guest")
  static let bridgeICMPv6 = Chain(bridge.id, "icmpv6_from_guest")
  static let bridgeToDHCP = Chain(bridge.id, "to_dhcp")
  static let bridgeDHCPMessage = Chain(bridge.id, "dhcp_message")

  // MARK: Family arp: what a guest whose TAP is routed may say of itself

  static let arp = Table(.arp, "tapestry", comment: comment)
  static let arpGuests = NamedSet(arp.id, "guests", .interfaceName, .etherAddress, .ipv4Address)
  /// From a subnet, what its guests may ask for: their gateway, or where they may reach each other the whole subnet.
  static let arpTargets = NamedSet(arp.id, "targets", .ipv4Address, .ipv4Address, flags: .interval)
  static let arpOuter = translation(arp, "outer")
  static let arpInner = translation(arp, "inner")

  static let arpGuard = Chain(arp.id, "guard", .init(.filter, .input, priority: .filter))
  static let arpFromGuest = Chain(arp.id, "from_guest")
  static let arpToGuest = Chain(arp.id, "to_guest", .init(.filter, .output, priority: .filter))

  // MARK: Family inet: what guests may reach through the host, and on it

  static let inet = Table(.inet, "tapestry", comment: comment)
  /// Each element's comment tells the rest of what is known of the network.
  static let bridges = NamedSet(inet.id, "bridges", .interfaceName)
  /// A bridge paired with itself: where br_netfilter shows bridged frames to this table, they pass.
  static let interVM = NamedSet(inet.id, "inter_vm", .interfaceName, .interfaceName)
  static let aboutRoutedMACs = NamedSet(inet.id, "about_macs", typeof: [.iifname, .neighborOptionAddress])
  /// What a clone calls itself and its gateway, and what the host calls them.
  static let outer = translation(inet, "outer")
  /// The other way.
  static let inner = translation(inet, "inner")
  /// The same, for what ICMP errors quote.
  static let outerQuoted = quotedTranslation("outer_quoted")
  static let innerQuoted = quotedTranslation("inner_quoted")

  static let transmitBytes = rates(inet, "tx_bytes")
  static let transmitPackets = rates(inet, "tx_packets")

  /// Constant: never forwarded, whatever a rule says.
  static let linkLocal6 = NamedSet(inet.id, "link_local6", .ipv6Address, flags: .interval)
  /// Constant: forwarded only if a rule of at least this prefix length allows it.
  static let metadata6 = NamedSet(inet.id, "metadata6", .ipv6Address, flags: .interval)
  /// Elements that every table has.
  static let constants =
    families.flatMap(\.constants) + SpecialUse.linkLocal6.map { (linkLocal6, Element($0)) }
    + SpecialUse.metadata6.map { (metadata6, Element($0)) }

  /// From ports of the host, at all of its addresses, to those of guests.
  static let published = NamedSet(
    inet.id, "published", .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]))
  /// The same at one of its addresses.
  static let publishedAt = NamedSet(
    inet.id, "published_at", .ipv4Address, .inetProtocol, .inetService, mapsTo: .values([.ipv4Address, .inetService]))
  /// A subnet paired with itself. Guests reach published ports of the same network under the gateway's address: answers
  /// would go past the host otherwise.
  static let hairpin = NamedSet(inet.id, "hairpin", .ipv4Address, .ipv4Address, flags: .interval)

  /// The guests that such an address serves.
  static let served = NamedSet(inet.id, "served", .ipv4Address, .ipv4Address, flags: .interval)
  /// Those that such a server asks, and nobody else, about domains that lists have: what they find gets within reach.
  static let resolvers = NamedSet(inet.id, "resolvers", .ipv4Address, .inetProtocol, .inetService)
  /// The bridges by which guests without an address ask for one.
  static let dhcpBridges = NamedSet(inet.id, "dhcp_bridges", .interfaceName)

  /// Before connection tracking, which knows guests by their outer addresses only.
  static let outward = Chain(inet.id, "outward", .init(.filter, .prerouting, priority: -450))
  static let fromClone = Chain(inet.id, "from_clone")
  static let quotedByClone = Chain(inet.id, "quoted_by_clone")
  /// Before fragments are put together (-400): a fragment has its sender and is counted, a whole packet has neither.
  static let guardChain = Chain(inet.id, "guard", .init(.filter, .prerouting, priority: -425))
  /// IPv6 that does not arrive by a TAP.
  static let guard6 = Chain(inet.id, "guard6")
  static let fromTap = Chain(inet.id, "from_tap")
  static let fromGuest = Chain(inet.id, "from_guest")
  static let fromGuest6 = Chain(inet.id, "from_guest6")
  static let icmp = Chain(inet.id, "icmp_from_guest")
  static let icmpv6 = Chain(inet.id, "icmpv6_from_guest")
  static let forward = Chain(inet.id, "forward", .init(.filter, .forward, priority: .filter))
  /// For what belongs to a connection by what it says of it.
  static let related = Chain(inet.id, "related")
  /// For what guests send out and is no answer.
  static let leaving = Chain(inet.id, "leaving")
  static let toPublished = Chain(inet.id, "to_published")
  static let input = Chain(inet.id, "input", .init(.filter, .input, priority: .filter))
  static let toService = Chain(inet.id, "to_service")
  static let prerouting = Chain(inet.id, "prerouting", .init(.nat, .prerouting, priority: .dstnat))
  /// What the host itself sends.
  static let output = Chain(inet.id, "output", .init(.nat, .output, priority: .dstnat))
  static let postrouting = Chain(inet.id, "postrouting", .init(.nat, .postrouting, priority: .srcnat))
  static let masquerading = Chain(inet.id, "masquerading")
  /// The ports of the host's address that guests' connections get: above those of most services, and of Kubernetes' node
  /// ports.
  static let masqueradePorts: ClosedRange<UInt16> = 32_768...65_535
  /// After address translation.
  static let inward = Chain(inet.id, "inward", .init(.filter, .postrouting, priority: 300))
  /// Drops what comes from guests and still has their addresses. The host itself may send under its own in their subnet.
  static let untranslated = Chain(inet.id, "untranslated")
  static let toClone = Chain(inet.id, "to_clone")
  static let quotedToClone = Chain(inet.id, "quoted_to_clone")

  /// From a TAP to how much may come in by it.
  private static func rates(_ table: Table, _ name: String) -> NamedSet {
    NamedSet(table.id, name, .interfaceName, mapsTo: .objects(.limit))
  }

  private static func quotedTranslation(_ name: String) -> NamedSet {
    NamedSet(inet.id, name, typeof: [.iifname, .quotedSource], mapsTo: .quotedSource)
  }

  /// From a TAP and an address on one side of it to the address on the other.
  private static func translation(_ table: Table, _ name: String) -> NamedSet {
    NamedSet(table.id, name, .interfaceName, .ipv4Address, mapsTo: .values([.ipv4Address]))
  }
}
