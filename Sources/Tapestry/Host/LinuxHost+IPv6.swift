import Linux
import NetTypes
import Netlink
import RouteNetlink

// What guests with IPv6 need besides. Of a network without, nothing here is sent.
extension LinuxHost {
  /// The host's addresses on the bridge, usable at once: nobody else on the guests' wire can have them.
  func addGateway6(_ network: Network) throws(StepFailure) {
    do throws(KernelError) {
      let index = try linkIndex(network.bridge)
      let link = network.bridge.rawValue
      try Forwarding6.disabled(link).write("0")
      // It says of itself that it is a router, whatever links that come are set to by default. The kernel forgets the host's
      // own routers with that, unless they were seen to: before forwarding was turned on.
      if let forwarding = try? Sysctl.ipv6Forward.read(), forwarding == "1" { try Forwarding6.ofLink(link).write("1") }
      // The guards drop guests' router advertisements; and the host believes none.
      try Forwarding6.routerAdvertisements(link).write("0")
      var batch = RouteBatch()
      for address in network.bridgeAddresses6 {
        batch.replace(.host6(address, on: index), linkName: network.bridge.rawValue)
      }
      try route.apply(batch)
    } catch {
      throw bridgeFailure(error)
    }
  }

  /// A routed TAP takes no address where IPv6 is off on it: somebody turned it off, or links that come have it off.
  func enableIPv6(of guest: Desired.Guest, _ place: Place) throws(KernelError) {
    guard guest.address6 != nil, case .routed = place else { return }
    try Forwarding6.disabled(guest.lease.tapName.rawValue).write("0")
  }

  /// Who the guest is, so that nothing that it says of itself by neighbour discovery is believed; and where its TAP is
  /// routed, the way to it and its gateway.
  func addIPv6(of guest: Desired.Guest, tap: Int32, _ place: Place, to batch: inout RouteBatch) {
    guard let address = guest.address6 else { return }
    let name = guest.lease.tapName.rawValue
    if case .routed = place {
      batch.replace(.host6(Network.gateway6, on: tap), linkName: name)
      batch.replace(Route(.v6(IPv6Prefix(host: address)), outputLink: tap), linkName: name)
    }
    let (link, linkName) = place.bridge.map { ($0, guest.network.bridge.rawValue) } ?? (tap, name)
    for address in guest.addresses6 {
      batch.replace(.permanent(.v6(address), guest.mac, linkIndex: link), linkName: linkName)
    }
  }
}

extension InterfaceAddress {
  /// An address of the host's, of 64 bits.
  fileprivate static func host6(_ address: IPv6Address, on link: Int32) -> InterfaceAddress {
    var own = InterfaceAddress(.v6(address), prefixLength: 64, linkIndex: link)
    own.flags = .noDuplicateDetection
    return own
  }
}
