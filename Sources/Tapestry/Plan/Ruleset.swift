import NetTypes

/// The facts that the ruleset is made of. The rules are constant; each fact is an element of a set or a map.
struct Ruleset: Hashable, Sendable {
  var networks: Set<NetworkFacts> = []
  var guests: Set<GuestFacts> = []

  /// What the ruleset knows of a network.
  struct NetworkFacts: Hashable, Sendable {
    var bridge: InterfaceName
    var subnet: IPv4Subnet
    var nat: Bool
    var allowsInterVM: Bool
    /// No rule needs it; it is kept with the rest so that a lost state file can be rebuilt.
    var dns: [IPv4Address]
  }

  /// What a guest may send: frames from this TAP with this MAC and this IPv4 address.
  struct GuestFacts: Hashable, Sendable {
    var tapName: InterfaceName
    var mac: MACAddress
    var address: IPv4Address
  }
}

extension Ruleset.NetworkFacts: CustomStringConvertible {
  init(_ network: Network) {
    self.init(
      bridge: network.bridge, subnet: network.subnet, nat: network.nat, allowsInterVM: network.allowsInterVM,
      dns: network.dns)
  }

  var description: String {
    "\(bridge) \(subnet)\(nat ? " with NAT" : "")\(allowsInterVM ? ", guests may reach each other" : "")"
  }
}

extension Ruleset.GuestFacts: CustomStringConvertible {
  init(_ lease: Lease) { self.init(tapName: lease.tapName, mac: lease.mac, address: lease.address) }

  var description: String { "\(tapName) \(mac) \(address)" }
}

/// A difference between two rulesets, carried out in one transaction.
struct RulesetChange: Hashable, Sendable {
  var addedNetworks: [Ruleset.NetworkFacts] = []
  var removedNetworks: [Ruleset.NetworkFacts] = []
  var addedGuests: [Ruleset.GuestFacts] = []
  var removedGuests: [Ruleset.GuestFacts] = []

  var isEmpty: Bool {
    onlyRemoves && onlyAdds
  }

  var onlyRemoves: Bool { addedNetworks.isEmpty && addedGuests.isEmpty }
  var onlyAdds: Bool { removedNetworks.isEmpty && removedGuests.isEmpty }

  mutating func append(_ other: RulesetChange) {
    addedNetworks += other.addedNetworks
    removedNetworks += other.removedNetworks
    addedGuests += other.addedGuests
    removedGuests += other.removedGuests
  }
}
