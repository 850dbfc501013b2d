import NetTypes

/// Networks and leases rebuilt from the marks in the kernel after the state file was lost.
struct Adoption {
  var networks: [Network] = []
  var guests: [Desired.Guest] = []
  /// What was adopted and what could not be.
  var drift: [Drift] = []

  static func from(_ observed: Observed, known: Desired) -> Adoption {
    var adoption = Adoption()
    let facts = observed.ruleset.facts
    let links = observed.links.values.sorted { $0.index < $1.index }
    for link in links where link.kind == "bridge" {
      guard case .network(let name) = link.mark, !known.networks.contains(where: { $0.name == name }) else { continue }
      adoption.adopt(network: name, link, facts)
    }
    for link in links where link.kind == "tun" {
      guard case .attachment(let name, let key) = link.mark, !known.guests.contains(where: { $0.lease.key == key })
      else { continue }
      let network = (known.networks + adoption.networks).first { $0.name == name }
      adoption.adopt(key: key, of: network, link, facts)
    }
    return adoption
  }

  private mutating func adopt(network name: Identifier, _ link: ObservedLink, _ facts: Ruleset) {
    guard let bridge = try? InterfaceName(parsing: link.name), let subnet = Self.subnet(link, facts) else {
      return refuse("bridge \(link.name) of network \(name) no longer has the gateway's address")
    }
    let known = facts.networks.first { $0.bridge == bridge }
    networks.append(
      Network(
        name: name, mode: known?.mode ?? .bridge, subnet: subnet, bridge: bridge, mtu: link.mtu,
        subnet6: known?.subnet6, nat6: known?.nat6 ?? false, snapshot: known?.snapshot,
        // Only the tables say what its guests could reach. Without them, its egress is closed.
        settings: known?.settings ?? NetworkSettings(egress: EgressPolicy(reach: .nothing))))
    let lost = known == nil ? ", with egress none: its earlier egress policy is lost" : ""
    drift.append(
      Drift(
        .unknown, "network \(name) is not in the state file",
        step: "adopt network \(name), \(subnet) on \(bridge)\(lost)", network: name, key: nil))
  }

  private static func subnet(_ link: ObservedLink, _ facts: Ruleset) -> IPv4Subnet? {
    if let known = facts.networks.first(where: { $0.bridge.rawValue == link.name }) { return known.subnet }
    return link.addresses.sorted { $0.key < $1.key }.lazy.compactMap { address, prefixLength in
      guard case .v4(let address) = address,
        let subnet = try? IPv4Subnet(containing: address, prefixLength: prefixLength), subnet.gateway == address
      else { return nil }
      return subnet
    }.first
  }

  private mutating func adopt(key: AttachmentKey, of network: Network?, _ link: ObservedLink, _ facts: Ruleset) {
    guard let tapName = try? InterfaceName(parsing: link.name), let network,
      let guest = facts.guests.first(where: { $0.tapName == tapName }), network.subnet.isGuest(guest.address)
    else {
      return refuse(
        "the address and ports of \(key) on TAP \(link.name) are lost: attach it again with the address that its guest "
          + "uses: tapestry attach \(key.vm) --ip ADDRESS")
    }
    let lease = Lease(
      key: key, network: network.name, address: guest.address, mac: guest.mac, tapName: tapName,
      settings: guest.settings(link), state: .active)
    guests.append(Desired.Guest(network: network, lease: lease))
    drift.append(
      Drift(
        .unknown, "attachment \(key) is not in the state file",
        step: "adopt \(key) with \(guest.address) \(guest.mac) on \(tapName)", network: network.name, key: key))
  }

  private mutating func refuse(_ reason: String) { drift.append(Drift(.unknown, reason, step: nil)) }
}
