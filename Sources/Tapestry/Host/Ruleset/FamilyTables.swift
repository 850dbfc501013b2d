import NFTables
import NetTypes

/// The sets and chains that exist for each address family. IPv6's have IPv4's names with a 6.
final class FamilyTables: Sendable {
  /// TAP, MAC and address of guests.
  typealias Guests = TypedSet<InterfaceName, MACAddress, IPAddress>
  /// From guests or subnets, destinations, protocols and ports to verdicts.
  typealias Rules<Owner: SetKey> = TypedMap<Owner, ClosedRange<IPAddress>, Protocols, Ports, Verdict>
  typealias Protocols = ClosedRange<UInt8>
  typealias Ports = ClosedRange<UInt16>

  let family: IPFamily

  // MARK: Guards

  /// Bridged guests, with each address that they may send from.
  let bridged: Guests
  /// Routed guests. Clones have their outer addresses here.
  let routed: Guests
  /// The addresses that a bridged guest's ICMP errors and neighbour discovery may be about: its own. nft(8) has no name for
  /// these fields.
  let aboutBridged: Guests
  let aboutRouted: Guests

  // MARK: Policies

  /// Subnets that are masqueraded.
  let subnets: TypedSet<IPPrefix>
  /// A subnet paired with itself: its routed guests may reach each other.
  let interVMSubnets: TypedSet<IPPrefix, IPPrefix>
  /// From guest, destination, protocol and port to a verdict. The key is the guest's address, which the guards have
  /// checked.
  let guestRules: Rules<IPAddress>
  /// The same for all guests of a subnet.
  let networkRules: Rules<IPPrefix>
  let guestReach: TypedMap<IPAddress, Verdict>
  let networkReach: TypedMap<IPPrefix, Verdict>
  /// To the chains of domain lists.
  let guestNames: TypedMap<IPAddress, Verdict>
  let networkNames: TypedMap<IPPrefix, Verdict>
  /// Constant: addresses that are not on the internet.
  let specialUse: TypedSet<ClosedRange<IPAddress>>
  /// Subnets whose guests may ping the host.
  let hostPing: TypedSet<IPPrefix>
  /// What guests of a subnet may reach on the host.
  let hostAccess: TypedSet<IPPrefix, Protocols, Ports>
  /// A guest, and a guest to which it may open connections although no network lets all of its guests reach each other.
  let peers: TypedSet<IPAddress, IPAddress>
  /// The addresses and ports of networks' name servers.
  let services: TypedSet<IPAddress, UInt8, UInt16>

  // MARK: Limits

  /// Guests with a limit other than the default, or with none: the verdict is `return`, or the chain of a
  /// `ConnectionClass`.
  let maxConnections: TypedMap<IPAddress, Verdict>
  /// Bridged guests that may reach each other.
  let interVMGuests: TypedSet<IPAddress>
  /// The next hops of a guest's packets in the last 30 s. The host remembers a neighbour that did not answer for longer.
  let nextHops: TypedSet<IPAddress, IPAddress>

  var sets: [any SetDeclaration] {
    [
      bridged, routed, aboutBridged, aboutRouted, subnets, interVMSubnets, guestRules, networkRules, guestReach,
      networkReach, guestNames, networkNames, specialUse, hostPing, hostAccess, services, maxConnections, interVMGuests,
      peers, nextHops,
    ]
  }

  // MARK: Chains

  /// For each TAP, in the guards.
  let bridgeFragments: Chain
  let fragments: Chain
  /// For all guests together. 40 a second for 30 seconds, plus a burst of 300, are 1,500 fragments of IPv4. Each takes at
  /// most 2.4 kB as the kernel counts, so they take 3.6 MB.
  let allFragments: Chain
  let egress: Chain
  let toPeer: Chain
  let reach: Chain
  let internet: Chain

  init(family: IPFamily) {
    self.family = family
    bridged = family.set("guests", in: RulesetTables.bridge)
    routed = family.set("routed")
    aboutBridged = family.about(RulesetTables.bridge)
    aboutRouted = family.about(RulesetTables.inet)
    subnets = family.set("subnets")
    interVMSubnets = family.set("inter_vm_subnets")
    guestRules = family.map("guest_rules")
    networkRules = family.map("network_rules")
    guestReach = family.map("guest_reach")
    networkReach = family.map("network_reach")
    guestNames = family.map("guest_names")
    networkNames = family.map("network_names")
    specialUse = family.set("special_use")
    hostPing = family.set("host_ping")
    hostAccess = family.set("host_access")
    services = family.set("services")
    maxConnections = family.map("max_connections")
    interVMGuests = family.set("inter_vm_guests")
    peers = family.set("peers")
    nextHops = family.set("next_hops", flags: [.timeout, .dynamic], timeout: 30_000)
    bridgeFragments = family.chain("fragments", in: RulesetTables.bridge)
    fragments = family.chain("fragments")
    allFragments = family.chain("all_fragments")
    egress = family.chain("egress")
    toPeer = family.chain("to_peer")
    reach = family.chain("reach")
    internet = family.chain("internet")
  }
}

extension IPFamily {
  /// The name of a set or a chain of this family.
  func suffixed(_ name: String) -> String { self == .v4 ? name : name + "6" }

  fileprivate func set<each Key: SetKey>(
    _ name: String, in table: Table = RulesetTables.inet, flags: NamedSet.Flags = [], timeout: UInt64? = nil
  ) -> TypedSet<repeat each Key> {
    TypedSet(table.id, suffixed(name), of: self, flags: flags, timeout: timeout)
  }

  fileprivate func map<each Key: SetKey, Value: MapValue>(_ name: String) -> TypedMap<repeat each Key, Value> {
    TypedMap(RulesetTables.inet.id, suffixed(name), of: self)
  }

  fileprivate func about(_ table: Table) -> FamilyTables.Guests {
    .init(table.id, suffixed("about"), typeof: [.iifname, .etherSource, .quotedDestination(self)])
  }

  fileprivate func chain(_ name: String, in table: Table = RulesetTables.inet) -> Chain {
    Chain(table.id, suffixed(name))
  }
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

  /// Between guests that are a pair: what no rule of the guest or its network says otherwise about.
  var peerRules: [Rule] {
    [guestRules.named, networkRules.named].map {
      Rule(in: toPeer, .verdict(of: source, destination, .l4proto, .destinationPort, in: $0))
    } + [Rule(in: toPeer, .accept)]
  }

  /// Constant elements.
  var constants: [(NamedSet, Element)] { SpecialUse.ranges(family).map { specialUse.element($0) } }

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
  /// The sets whose elements both guests of a pair have.
  static let peerSets = Set(families.map(\.peers.id) + [arpPeers.id])

  static func of(_ family: IPFamily) -> FamilyTables { family == .v4 ? v4 : v6 }
}
