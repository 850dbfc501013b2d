import NFTables
import NetTypes

/// The sets and chains that exist for each address family. IPv6's have IPv4's names with a 6.
struct FamilyTables: Sendable {
  /// TAP, MAC and address of guests.
  typealias Guests = TypedSet<InterfaceName, MACAddress, IPAddress>
  /// From guests or subnets, destinations, protocols and ports to verdicts.
  typealias Rules<Owner: SetKey> = TypedMap<Owner, ClosedRange<IPAddress>, Protocols, Ports, Verdict>
  typealias Protocols = ClosedRange<UInt8>
  typealias Ports = ClosedRange<UInt16>

  let family: IPFamily

  // MARK: Guards

  /// Bridged guests, with each address that they may send from.
  var bridged: Guests { typedSet("guests", in: RulesetTables.bridge) }
  /// Routed guests. Clones have their outer addresses here.
  var routed: Guests { typedSet("routed") }
  /// The addresses that a bridged guest's ICMP errors and neighbour discovery may be about: its own. nft(8) has no name for
  /// these fields.
  var aboutBridged: Guests { about(RulesetTables.bridge) }
  var aboutRouted: Guests { about(RulesetTables.inet) }

  // MARK: Policies

  /// Subnets that are masqueraded.
  var subnets: TypedSet<IPPrefix> { typedSet("subnets") }
  /// A subnet paired with itself: its routed guests may reach each other.
  var interVMSubnets: TypedSet<IPPrefix, IPPrefix> { typedSet("inter_vm_subnets") }
  /// From guest, destination, protocol and port to a verdict. The key is the guest's address, which the guards have
  /// checked.
  var guestRules: Rules<IPAddress> { typedMap("guest_rules") }
  /// The same for all guests of a subnet.
  var networkRules: Rules<IPPrefix> { typedMap("network_rules") }
  var guestReach: TypedMap<IPAddress, Verdict> { typedMap("guest_reach") }
  var networkReach: TypedMap<IPPrefix, Verdict> { typedMap("network_reach") }
  /// To the chains of domain lists.
  var guestNames: TypedMap<IPAddress, Verdict> { typedMap("guest_names") }
  var networkNames: TypedMap<IPPrefix, Verdict> { typedMap("network_names") }
  /// Constant: addresses that are not on the internet.
  var specialUse: TypedSet<ClosedRange<IPAddress>> { typedSet("special_use") }
  /// Subnets whose guests may ping the host.
  var hostPing: TypedSet<IPPrefix> { typedSet("host_ping") }
  /// What guests of a subnet may reach on the host.
  var hostAccess: TypedSet<IPPrefix, Protocols, Ports> { typedSet("host_access") }
  /// The addresses and ports of networks' name servers.
  var services: TypedSet<IPAddress, UInt8, UInt16> { typedSet("services") }

  // MARK: Limits

  /// Guests with a limit other than the default, or with none: the verdict is `return`, or the chain of a
  /// `ConnectionClass`.
  var maxConnections: TypedMap<IPAddress, Verdict> { typedMap("max_connections") }
  /// Bridged guests that may reach each other.
  var interVMGuests: TypedSet<IPAddress> { typedSet("inter_vm_guests") }
  /// The next hops of a guest's packets in the last 30 s. The host remembers a neighbour that did not answer for longer.
  var nextHops: TypedSet<IPAddress, IPAddress> { typedSet("next_hops", flags: [.timeout, .dynamic], timeout: 30_000) }

  var sets: [any SetDeclaration] {
    [
      bridged, routed, aboutBridged, aboutRouted, subnets, interVMSubnets, guestRules, networkRules, guestReach,
      networkReach, guestNames, networkNames, specialUse, hostPing, hostAccess, services, maxConnections, interVMGuests,
      nextHops,
    ]
  }

  // MARK: Chains

  /// For each TAP, in the guards.
  var bridgeFragments: Chain { chain("fragments", in: RulesetTables.bridge) }
  var fragments: Chain { chain("fragments") }
  /// For all guests together. 40 a second for 30 seconds, plus a burst of 300, are 1,500 fragments of IPv4. Each takes at
  /// most 2.4 kB as the kernel counts, so they take 3.6 MB.
  var allFragments: Chain { chain("all_fragments") }
  var egress: Chain { chain("egress") }
  var reach: Chain { chain("reach") }
  var internet: Chain { chain("internet") }

  var chains: [Chain] { [bridgeFragments, fragments, allFragments, egress, reach, internet] }

  // MARK: Names

  func name(_ name: String) -> String { family == .v4 ? name : name + "6" }

  private func typedSet<each Key>(
    _ name: String, in table: Table = RulesetTables.inet, flags: NamedSet.Flags = [], timeout: UInt64? = nil
  ) -> TypedSet<repeat each Key> {
    TypedSet(table.id, self.name(name), of: family, flags: flags, timeout: timeout)
  }

  private func typedMap<each Key, Value>(_ name: String) -> TypedMap<repeat each Key, Value> {
    TypedMap(RulesetTables.inet.id, self.name(name), of: family)
  }

  private func about(_ table: Table) -> Guests {
    Guests(table.id, name("about"), typeof: [.iifname, .etherSource, .quotedDestination(family)])
  }

  private func chain(_ name: String, in table: Table = RulesetTables.inet) -> Chain { Chain(table.id, self.name(name)) }
}

// MARK: - Rules

extension FamilyTables {
  var source: Field { .source(family) }
  var destination: Field { .destination(family) }
  var nextHop: Field { .nextHop(family) }
  var isEchoRequest: NFTables.Statement {
    family == .v4 ? .match(.icmpType, .icmpType(8)) : .match(.icmpv6Type, .icmpv6Type(128))
  }

  /// What a guest may reach outside: the guest's rules, its network's rules, allowed domains, then the reach. A rule for a
  /// prefix within a closed prefix opens that part. Nothing opens addresses that are never forwarded.
  var egressRules: [Rule] {
    let isNeverForwarded: NFTables.Statement? = family == .v6 ? .match(destination, in: RulesetTables.linkLocal6) : nil
    let isClosed: NFTables.Statement =
      family == .v4 ? .match(destination, in: SpecialUse.linkLocal) : .match(destination, in: RulesetTables.metadata6)
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
    SpecialUse.ranges(family).map { specialUse.element($0) }
  }

  /// The elements of a policy's rules about this family.
  func elements<Owner>(_ rules: Set<TrafficRule>, of owner: Owner, in map: Rules<Owner>) -> [(NamedSet, Element)] {
    rules.ranges.filter { $0.family == family }.map {
      map.element(owner, $0.addresses, $0.protocols, $0.ports, to: $0.verdict.verdict)
    }
  }
}

extension RulesetTables {
  static let v4 = FamilyTables(family: .v4)
  static let v6 = FamilyTables(family: .v6)
  static let families = [v4, v6]

  static func of(_ family: IPFamily) -> FamilyTables { family == .v4 ? v4 : v6 }
}
