import Linux
import NetTypes

/// What the store says should exist.
package struct Desired: Hashable, Sendable {
  var networks: [Network] = []
  /// Attachments with their networks. Leases that are being released or whose attach did not finish are left out.
  var guests: [Guest] = []
  /// Sysctls to restore to their earlier values, because no network needs them any more.
  var restoredSysctls: [Sysctl: String] = [:]

  /// An attachment and everything it depends on.
  package struct Guest: Hashable, Sendable {
    var network: Network
    var lease: Lease

    package init(network: Network, lease: Lease) {
      self.network = network
      self.lease = lease
    }

    var mark: OwnerMark { .attachment(network: lease.network, key: lease.key) }

    /// The sets of all domains that the guest may reach.
    var domains: Set<DomainSet> {
      let patterns = network.settings.egress.domains + lease.settings.egress.domains
      return Set(patterns.map { DomainSet(bridge: network.bridge, pattern: $0) })
    }

    /// A second name for the TAP, so that `tcpdump -i web-1.eth0` works. Returns nil if the kernel does not accept the name
    /// made of the two ids (IFALIASZ, no `/`, no `:`).
    var alternativeName: String? {
      let name = "\(lease.key.vm).\(lease.key.interface)"
      guard name.utf8.count < 128, !name.contains(":"), name != lease.tapName.rawValue else { return nil }
      return name
    }

    /// How the bridge handles frames to the guest. A VMM that changes its own TAP's MAC cannot replace a local entry.
    /// Guests that may reach each other need entries of the other kind.
    var bridgeEntry: BridgeEntry { network.settings.allowsInterVM ? .forwarded : .local }

    /// The MAC that the guest sends from.
    var mac: MACAddress { network.snapshot?.mac ?? lease.mac }

    /// The address by which the kernel looks up the guest's MAC: the packet's destination when it leaves. A clone's packets
    /// are translated before that, so for a clone it is the guest's own address.
    var neighborAddress: IPv4Address { network.snapshot?.address ?? lease.address }

    /// The MAC of the host's side of the TAP. If the guest remembers its gateway's MAC from its snapshot, it is that one.
    /// Otherwise it is the guest's MAC with the first octet fe, which is higher than every other, so no bridge adopts it as
    /// its own. If that would be the guest's own MAC, the first octet is fa.
    var hostMAC: MACAddress {
      if let snapshot = network.snapshot { return snapshot.gatewayMAC }
      let octets = lease.mac.octets
      return MACAddress(octets[0] == 0xfe ? 0xfa : 0xfe, octets[1], octets[2], octets[3], octets[4], octets[5])
    }
  }

  var ruleset: Ruleset {
    let facts = guestFacts
    return Ruleset(
      networks: Set(networks.map(Ruleset.NetworkFacts.init)), guests: Set(facts), domainLists: domainLists,
      connectionLimits: facts.connectionLimits)
  }

  var domainLists: Set<DomainList> {
    let networks = networks.map { DomainList($0.bridge, $0.settings.egress.domains) }
    let guests = guests.map { DomainList($0.network.bridge, $0.lease.settings.egress.domains) }
    return Set((networks + guests).compactMap(\.self))
  }

  /// A network's name server with the domains that policies need. Returns nil if the network has no name server.
  func nameService(of network: Network) -> NameService? {
    let own = guests.filter { $0.network.name == network.name }.flatMap { $0.lease.settings.egress.domains }
    return NameService(network, domains: Set(network.settings.egress.domains + own))
  }

  /// Returns a copy without these attachments.
  func without(_ keys: Set<AttachmentKey>) -> Desired {
    var copy = self
    copy.guests.removeAll { keys.contains($0.lease.key) }
    return copy
  }

  /// Returns a copy with a network that the store does not have yet.
  func including(_ network: Network) -> Desired {
    guard !networks.contains(where: { $0.name == network.name }) else { return self }
    var copy = self
    copy.networks.append(network)
    copy.restoredSysctls = network.subnet6 == nil ? restoredSysctls.filter { Forwarding6.isOfIPv6($0.key) } : [:]
    return copy
  }

  /// Returns a copy with an attachment whose lease is not active yet.
  func including(_ guest: Guest) -> Desired {
    guard !guests.contains(where: { $0.lease.key == guest.lease.key }) else { return self }
    var copy = self
    copy.guests.append(guest)
    return copy
  }

  /// Matters for networks of modes other than `bridge`. If it is not 0, the host does not answer ARP on a TAP for an
  /// address of another link, so it does not answer for the gateway's. It applies to the whole host, so Tapestry does not
  /// change it.
  static let arpIgnore = Sysctl(rawValue: "net/ipv4/conf/all/arp_ignore")
}

extension Network {
  var mark: OwnerMark { .network(name) }

  /// The gateway's MAC, derived from the network's name. It stays the same if the bridge is made again, so guests' ARP
  /// caches stay valid. A bridge without a MAC of its own takes the lowest of its ports', and changes it with the ports.
  var bridgeMAC: MACAddress { Identity.mac(vm: "tapestry", interface: "\(name)/\(bridge)", salt: 1) }
}
