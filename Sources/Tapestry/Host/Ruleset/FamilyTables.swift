import NFTables
import NetTypes

/// The sets and chains that exist for each address family. IPv6's have IPv4's names with a 6.
struct FamilyTables: Sendable {
  let family: IPFamily

  // MARK: Guards

  /// Bridged guests, with each address that they may send from.
  let bridged: NamedSet
  /// Routed guests. Clones have their outer addresses here.
  let routed: NamedSet
  /// The addresses that a bridged guest's ICMP errors and neighbour discovery may be about: its own. nft(8) has no name for
  /// these fields.
  let aboutBridged: NamedSet
  let aboutRouted: NamedSet

  // MARK: Policies

  /// Subnets that are masqueraded.
  let subnets: NamedSet
  /// A subnet paired with itself: its routed guests may reach each other.
  let interVMSubnets: NamedSet
  /// From guest, destination, protocol and port to a verdict. The key is the guest's address, which the guards have
  /// checked.
  let guestRules: NamedSet
  /// The same for all guests of a subnet.
  let networkRules: NamedSet
  let guestReach: NamedSet
  let networkReach: NamedSet
  /// To the chains of domain lists.
  let guestNames: NamedSet
  let networkNames: NamedSet
  /// Constant: addresses that are not on the internet.
  let specialUse: NamedSet
  /// Subnets whose guests may ping the host.
  let hostPing: NamedSet
  /// What guests of a subnet may reach on the host.
  let hostAccess: NamedSet
  /// The addresses and ports of networks' name servers.
  let services: NamedSet

  // MARK: Limits

  /// Guests with a limit other than the default, or with none: the verdict is `return`, or the chain of a
  /// `ConnectionClass`.
  let maxConnections: NamedSet
  /// Bridged guests that may reach each other.
  let interVMGuests: NamedSet
  /// The next hops of a guest's packets in the last 30 s. The host remembers a neighbour that did not answer for longer.
  let nextHops: NamedSet

  let egress: Chain
  let reach: Chain
  let internet: Chain

  init(_ family: IPFamily) {
    self.family = family
    let suffix = family == .v4 ? "" : "6"
    let address = DataType.address(family)
    let (bridge, inet) = (RulesetTables.bridge.id, RulesetTables.inet.id)
    func named(_ name: String, _ keys: DataType..., to data: NamedSet.MapData? = nil, flags: NamedSet.Flags = [])
      -> NamedSet
    {
      var set = NamedSet(inet, name + suffix, address, mapsTo: data, flags: flags)
      set.keyTypes += keys
      return set
    }
    func guests(_ table: Table.ID, _ name: String) -> NamedSet {
      NamedSet(table, name + suffix, .interfaceName, .etherAddress, address)
    }
    func about(_ table: Table.ID) -> NamedSet {
      NamedSet(table, "about" + suffix, typeof: [.iifname, .etherSource, .quotedDestination(family)])
    }
    bridged = guests(bridge, "guests")
    routed = guests(inet, "routed")
    aboutBridged = about(bridge)
    aboutRouted = about(inet)
    subnets = named("subnets", flags: .interval)
    interVMSubnets = named("inter_vm_subnets", address, flags: .interval)
    guestRules = named("guest_rules", address, .inetProtocol, .inetService, to: .verdict, flags: .interval)
    networkRules = named("network_rules", address, .inetProtocol, .inetService, to: .verdict, flags: .interval)
    guestReach = named("guest_reach", to: .verdict)
    networkReach = named("network_reach", to: .verdict, flags: .interval)
    guestNames = named("guest_names", to: .verdict)
    networkNames = named("network_names", to: .verdict, flags: .interval)
    specialUse = named("special_use", flags: .interval)
    hostPing = named("host_ping", flags: .interval)
    hostAccess = named("host_access", .inetProtocol, .inetService, flags: .interval)
    services = named("services", .inetProtocol, .inetService)
    maxConnections = named("max_connections", to: .verdict)
    interVMGuests = named("inter_vm_guests")
    nextHops = NamedSet(inet, "next_hops" + suffix, address, address, flags: [.timeout, .dynamic], timeout: 30_000)
    egress = Chain(inet, "egress" + suffix)
    reach = Chain(inet, "reach" + suffix)
    internet = Chain(inet, "internet" + suffix)
  }

  var sets: [NamedSet] {
    [
      bridged, routed, aboutBridged, aboutRouted, subnets, interVMSubnets, guestRules, networkRules, guestReach,
      networkReach, guestNames, networkNames, specialUse, hostPing, hostAccess, services, maxConnections, interVMGuests,
      nextHops,
    ]
  }

  var chains: [Chain] { [egress, reach, internet] }

  var source: Field { .source(family) }
  var destination: Field { .destination(family) }
  var nextHop: Field { .nextHop(family) }
}

extension FamilyTables {
  /// What a guest may reach outside: the guest's rules, its network's rules, allowed domains, then the reach. A rule for a
  /// prefix within a closed prefix opens that part. Nothing opens addresses that are never forwarded.
  var egressRules: [Rule] {
    let isNeverForwarded: NFTables.Statement? = family == .v6 ? .match(destination, in: RulesetTables.linkLocal6) : nil
    let isClosed: NFTables.Statement =
      switch family {
      case .v4: .match(destination, in: SpecialUse.linkLocal)
      case .v6: .match(destination, in: RulesetTables.metadata6)
      }
    return [isNeverForwarded].compactMap(\.self).map { Rule(in: egress, $0, .drop) } + [
      Rule(in: egress, .verdict(of: source, destination, .l4proto, .destinationPort, in: guestRules)),
      Rule(in: egress, .verdict(of: source, destination, .l4proto, .destinationPort, in: networkRules)),
      Rule(in: egress, isClosed, .drop),
      Rule(in: egress, .verdict(of: source, in: guestNames)),
      Rule(in: egress, .verdict(of: source, in: networkNames)),
      Rule(in: egress, .goto(reach.id.name)),
      Rule(in: reach, .verdict(of: source, in: guestReach)),
      Rule(in: reach, .verdict(of: source, in: networkReach)),
      Rule(in: reach, .drop),
      Rule(in: internet, .match(destination, in: specialUse), .drop),
      Rule(in: internet, .accept),
    ]
  }

  /// Constant elements.
  var constants: [(NamedSet, Element)] {
    SpecialUse.ranges(family).map { (specialUse, Element(.address($0.lowerBound), through: [.address($0.upperBound)])) }
  }
}

extension RulesetTables {
  static let v4 = FamilyTables(.v4)
  static let v6 = FamilyTables(.v6)
  static let families = [v4, v6]

  static func of(_ family: IPFamily) -> FamilyTables {
    switch family {
    case .v4: v4
    case .v6: v6
    }
  }
}
