import NetTypes

/// A setting of a network's bridge that follows from its guests. In the other modes each guest's TAP has it.
enum BridgeSwitch: Hashable, Sendable, CaseIterable {
  /// `route_localnet`: the bridge routes packets from and to 127.0.0.0/8, because a port is published there.
  case routesLoopback
  /// `proxy_arp_pvlan`: the bridge answers ARP for its other guests, because some of them may reach each other through the
  /// host.
  case answersForGuests

  /// What a bridge does if it is on.
  var purpose: String {
    switch self {
    case .routesLoopback: "route 127.0.0.0/8 for published ports"
    case .answersForGuests: "answer ARP for its guests"
    }
  }
}

extension Desired {
  /// The switches that networks' bridges have on.
  var switches: [Identifier: Set<BridgeSwitch>] {
    var switches: [Identifier: Set<BridgeSwitch>] = [:]
    for guest in guests where guest.reachesLoopbackByBridge {
      switches[guest.network.name, default: []].insert(.routesLoopback)
    }
    for network in networksWithPairs where network.mode == .bridge {
      switches[network.name, default: []].insert(.answersForGuests)
    }
    return switches
  }
}
