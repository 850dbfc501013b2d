import NFTables
import NetTypes

/// What the tables have for guests with IPv6: mostly what they have for IPv4, under the same names with a 6.
extension RulesetTables {
  static let sets6 = [
    guests6, routed6, subnets6, interVMSubnets6, guestRules6, networkRules6, guestReach6, networkReach6, guestNames6,
    networkNames6, linkLocal6, metadata6, specialUse6, hostPing6, hostAccess6, services6,
  ]
  static let chains6 = [bridgeFromGuest6, bridgeICMPv6, guard6, fromGuest6, icmpv6, egress6, reach6, internet6]

  /// Elements that are there from the beginning.
  static let constants6 =
    SpecialUse.linkLocal6.map { (linkLocal6, Element($0)) }
    + SpecialUse.metadata6.map { (metadata6, Element($0)) }
    + SpecialUse.ranges6.map { (specialUse6, Element(.ipv6($0.lowerBound), through: [.ipv6($0.upperBound)])) }

  // MARK: Guards

  /// Each guest that has IPv6, with its address, and with that on its link.
  static let guests6 = NamedSet(bridge.id, "guests6", .interfaceName, .etherAddress, .ipv6Address)
  static let bridgeFromGuest6 = Chain(bridge.id, "from_guest6")
  static let bridgeICMPv6 = Chain(bridge.id, "icmpv6_from_guest")

  /// The same of guests whose TAPs are routed.
  static let routed6 = NamedSet(inet.id, "routed6", .interfaceName, .etherAddress, .ipv6Address)
  /// Of what comes in by no TAP.
  static let guard6 = Chain(inet.id, "guard6")
  static let fromGuest6 = Chain(inet.id, "from_guest6")
  static let icmpv6 = Chain(inet.id, "icmpv6_from_guest")

  // MARK: What guests may reach

  static let subnets6 = NamedSet(inet.id, "subnets6", .ipv6Address, flags: .interval)
  static let interVMSubnets6 = NamedSet(inet.id, "inter_vm_subnets6", .ipv6Address, .ipv6Address, flags: .interval)
  static let guestRules6 = policy6("guest_rules6")
  static let networkRules6 = policy6("network_rules6")
  static let guestReach6 = NamedSet(inet.id, "guest_reach6", .ipv6Address, mapsTo: .verdict)
  static let networkReach6 = NamedSet(inet.id, "network_reach6", .ipv6Address, mapsTo: .verdict, flags: .interval)
  static let guestNames6 = NamedSet(inet.id, "guest_names6", .ipv6Address, mapsTo: .verdict)
  static let networkNames6 = NamedSet(inet.id, "network_names6", .ipv6Address, mapsTo: .verdict, flags: .interval)
  /// The same for all: what is never forwarded; what only a rule opens; what is not on the internet.
  static let linkLocal6 = NamedSet(inet.id, "link_local6", .ipv6Address, flags: .interval)
  static let metadata6 = NamedSet(inet.id, "metadata6", .ipv6Address, flags: .interval)
  static let specialUse6 = NamedSet(inet.id, "special_use6", .ipv6Address, flags: .interval)
  static let hostPing6 = NamedSet(inet.id, "host_ping6", .ipv6Address, flags: .interval)
  static let hostAccess6 = NamedSet(
    inet.id, "host_access6", .ipv6Address, .inetProtocol, .inetService, flags: .interval)

  /// What networks' servers answer in IPv4, at their host's address in IPv6, where it is nobody's: dnsmasq binds every
  /// address of a bridge.
  static let services6 = NamedSet(inet.id, "services6", .ipv6Address, .inetProtocol, .inetService)

  static let egress6 = Chain(inet.id, "egress6")
  static let reach6 = Chain(inet.id, "reach6")
  static let internet6 = Chain(inet.id, "internet6")

  private static func policy6(_ name: String) -> NamedSet {
    NamedSet(
      inet.id, name, .ipv6Address, .ipv6Address, .inetProtocol, .inetService, mapsTo: .verdict, flags: .interval)
  }
}

// MARK: - Rules

extension RulesetTables {
  /// In chains of their own.
  static let rules6 =
    [
      Rule(in: egress6, .match(.ip6Destination, in: linkLocal6), .drop),
      Rule(in: egress6, .verdict(of: .ip6Source, .ip6Destination, .l4proto, .destinationPort, in: guestRules6)),
      Rule(in: egress6, .verdict(of: .ip6Source, .ip6Destination, .l4proto, .destinationPort, in: networkRules6)),
      Rule(in: egress6, .match(.ip6Destination, in: metadata6), .drop),
      Rule(in: egress6, .verdict(of: .ip6Source, in: guestNames6)),
      Rule(in: egress6, .verdict(of: .ip6Source, in: networkNames6)),
      Rule(in: egress6, .goto(reach6.id.name)),
      Rule(in: reach6, .verdict(of: .ip6Source, in: guestReach6)),
      Rule(in: reach6, .verdict(of: .ip6Source, in: networkReach6)),
      Rule(in: reach6, .drop),
      Rule(in: internet6, .match(.ip6Destination, in: specialUse6), .drop),
      Rule(in: internet6, .accept),
    ]

  static let isIPv6 = NFTables.Statement.match(.nfproto, .ipv6)

  /// In the chain `input`, for what is no answer: neighbour discovery, whose packets belong to no connection, and then what
  /// the network lets its guests reach.
  static let input6: [Rule] = [
    Rule(in: input, .match(.icmpv6Type, .icmpv6Type(133)), .accept),
    Rule(in: input, .match(.icmpv6Type, from: .icmpv6Type(135), through: .icmpv6Type(136)), .accept),
    Rule(in: input, .match(.icmpv6Type, .icmpv6Type(128)), .match(.ip6Source, in: hostPing6), .accept),
    Rule(in: input, .match(.ip6Source, .l4proto, .destinationPort, in: hostAccess6), .accept),
  ]
}
