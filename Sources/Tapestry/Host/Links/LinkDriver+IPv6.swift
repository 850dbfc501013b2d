import Linux
import NetTypes
import RouteNetlink

// What guests with IPv6 also need. Nothing here is sent for a network without IPv6.
extension LinkDriver {
  /// Adds the host's addresses on the bridge. They are usable at once: no guest on that link can have them.
  func addGateway6(_ network: Network) throws(StepFailure) {
    do throws(KernelError) {
      let index = try linkIndex(network.bridge)
      let link = network.bridge.rawValue
      try Forwarding6.disabled(link).write("0")
      // The bridge forwards regardless of the default for new links. This makes the kernel forget the routers that the host
      // learnt on a link, unless that was prevented before forwarding was turned on.
      if let forwarding = try? Sysctl.ipv6Forward.read(), forwarding == "1" {
        try Forwarding.ofLink(link, .v6).write("1")
      }
      // The guards drop guests' router advertisements; the host ignores them as well.
      try Forwarding6.routerAdvertisements(link).write("0")
      try apply { batch in
        for address in network.bridgeAddresses6 { batch.replace(.host6(address, on: index), linkName: link) }
      }
    } catch {
      throw bridgeFailure(error)
    }
  }

  /// A routed TAP accepts no address if IPv6 is disabled on it, by somebody or by the default for new links.
  func enableIPv6(of guest: Desired.Guest) throws(KernelError) {
    guard guest.address6 != nil, guest.network.mode != .bridge else { return }
    try Forwarding6.disabled(guest.lease.tapName.rawValue).write("0")
  }

  /// Adds permanent neighbour entries for the guest, so the host does not learn from its neighbour discovery. For a routed
  /// TAP, also adds the route to the guest, and its gateway.
  func addIPv6(of guest: Desired.Guest, tap: Int32, bridge: Int32?, to batch: inout RouteBatch) {
    guard let address = guest.address6 else { return }
    let name = guest.lease.tapName.rawValue
    if bridge == nil {
      batch.replace(.host6(Network.gateway6, on: tap), linkName: name)
      batch.replace(Route(.v6(IPv6Prefix(host: address)), outputLink: tap), linkName: name)
    }
    let (link, linkName) = bridge.map { ($0, guest.network.bridge.rawValue) } ?? (tap, name)
    for address in guest.addresses6 {
      batch.replace(.permanent(.v6(address), guest.mac, linkIndex: link), linkName: linkName)
    }
  }
}

extension InterfaceAddress {
  /// An address of the host with prefix length 64.
  fileprivate static func host6(_ address: IPv6Address, on link: Int32) -> InterfaceAddress {
    var own = InterfaceAddress(.v6(address), prefixLength: 64, linkIndex: link)
    own.skipsDuplicateDetection = true
    return own
  }
}
