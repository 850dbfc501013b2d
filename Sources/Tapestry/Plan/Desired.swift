import Linux
import NetTypes

/// What the store says should exist.
struct Desired: Hashable, Sendable {
  var networks: [Network] = []
  /// Each with its network; those being released, and those whose attach never ended, are left out.
  var guests: [Guest] = []
  /// Sysctls to have their earlier values back, because no network needs them any more.
  var restoredSysctls: [Sysctl: String] = [:]

  /// An attachment and all it depends on.
  struct Guest: Hashable, Sendable {
    var network: Network
    var lease: Lease

    var mark: OwnerMark { .attachment(network: lease.network, key: lease.key) }

    /// The sets of all domains that it may reach.
    var domains: Set<DomainSet> {
      let patterns = network.egress.domains + lease.settings.egress.domains
      return Set(patterns.map { DomainSet(bridge: network.bridge, pattern: $0) })
    }

    /// A second name for the TAP, so that `tcpdump -i web-1.eth0` works; nil where the two ids make none that the
    /// kernel takes (IFALIASZ, no `/`, no `:`).
    var alternativeName: String? {
      let name = "\(lease.key.vm).\(lease.key.interface)"
      guard name.utf8.count < 128, !name.contains(":"), name != lease.tapName.rawValue else { return nil }
      return name
    }

    /// What the bridge is to do with frames to the guest. What a VMM makes its own TAP's MAC displaces no local entry; but
    /// guests that may reach each other do so by entries of the other kind alone.
    var bridgeEntry: BridgeEntry { network.allowsInterVM ? .forwarded : .local }

    /// The MAC that the guest sends from.
    var mac: MACAddress { network.snapshot?.mac ?? lease.mac }

    /// The address by which the kernel looks up the guest's MAC: the one that a packet has when it leaves, and so for a
    /// clone, whose packets are translated before, its own.
    var neighborAddress: IPv4Address { network.snapshot?.address ?? lease.address }

    /// The host's side of the TAP. Where the guest remembers its gateway's MAC from its snapshot, that one. Else the
    /// guest's with the prefix fe, which is above every other, so that no bridge ever takes it for its own; fa where it
    /// would be the guest's itself.
    var hostMAC: MACAddress {
      if let snapshot = network.snapshot { return snapshot.gatewayMAC }
      let octets = lease.mac.octets
      return MACAddress(octets[0] == 0xfe ? 0xfa : 0xfe, octets[1], octets[2], octets[3], octets[4], octets[5])
    }
  }

  var ruleset: Ruleset {
    let facts = guests.map(Ruleset.GuestFacts.init)
    return Ruleset(
      networks: Set(networks.map(Ruleset.NetworkFacts.init)), guests: Set(facts), domainLists: domainLists,
      connectionLimits: facts.connectionLimits)
  }

  var domainLists: Set<DomainList> {
    let networks = networks.map { DomainList($0.bridge, $0.egress.domains) }
    let guests = guests.map { DomainList($0.network.bridge, $0.lease.settings.egress.domains) }
    return Set((networks + guests).compactMap(\.self))
  }

  /// Whether a network's bridge is the way from 127.0.0.0/8 to a published port. In the other modes that is the guest's TAP.
  func bridgesLoopback(to network: Network) -> Bool {
    guests.contains { $0.network.name == network.name && $0.reachesLoopbackByBridge }
  }

  /// A network's name server with what policies want of it; nil for a network that has none.
  func nameService(of network: Network) -> NameService? {
    let own = guests.filter { $0.network.name == network.name }.flatMap { $0.lease.settings.egress.domains }
    return NameService(network, domains: Set(network.egress.domains + own))
  }

  /// With a network that the store does not know yet.
  func including(_ network: Network) -> Desired {
    guard !networks.contains(where: { $0.name == network.name }) else { return self }
    var copy = self
    copy.networks.append(network)
    copy.restoredSysctls = network.subnet6 == nil ? restoredSysctls.filter { Forwarding6.isOfIPv6($0.key) } : [:]
    return copy
  }

  /// With an attachment whose lease is not active yet.
  func including(_ guest: Guest) -> Desired {
    guard !guests.contains(where: { $0.lease.key == guest.lease.key }) else { return self }
    var copy = self
    copy.guests.append(guest)
    return copy
  }

  /// The sysctls that any network needs.
  static let neededSysctls: [Sysctl: String] = [.ipv4Forward: "1"]

  /// For networks of other modes than `bridge`: where it is not 0, the host answers no TAP for an address of another
  /// link's, and so not for the gateway's. It holds for the whole host, and is not ours to change.
  static let arpIgnore = Sysctl(rawValue: "net/ipv4/conf/all/arp_ignore")
}

extension Network {
  var mark: OwnerMark { .network(name) }

  /// The gateway's MAC: derived from the network's name, so that it is the same when the bridge is made again and the
  /// guests' ARP caches stay right. A bridge without one takes its lowest port's, and changes it with the ports.
  var bridgeMAC: MACAddress { Identity.mac(vm: "tapestry", interface: "\(name)/\(bridge)", salt: 1) }
}
