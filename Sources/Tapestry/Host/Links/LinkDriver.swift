package import Linux
import NetTypes
import RouteNetlink

/// The host's links: bridges, TAPs, their addresses, routes, neighbours and filters, by rtnetlink and /dev/net/tun.
package final class LinkDriver {
  var route: RouteSocket
  /// Whether the kernel has IPv6; set to false after the first refusal.
  var hasIPv6 = true
  /// Whether the kernel has ingress filters; set to false after the first refusal.
  var hasIngressFilters = true

  package init() throws(KernelError) { route = try RouteSocket() }

  /// The index of a link; nil if there is none of that name.
  func findLink(_ name: InterfaceName) throws(KernelError) -> Int32? {
    try route.linkIndex(named: name)
  }

  /// The index of a link.
  /// - Throws: `KernelError`: ENODEV if there is none of that name.
  func linkIndex(_ name: InterfaceName) throws(KernelError) -> Int32 {
    guard let index = try findLink(name) else { throw KernelError("find link \(name)", .noSuchDevice) }
    return index
  }

  /// The link of this name, if it has this mark.
  func link(_ name: InterfaceName, marked mark: OwnerMark) throws(KernelError) -> Link? {
    guard let link = try route.link(named: name.rawValue), link.alias == mark.alias else { return nil }
    return link
  }

  /// Makes changes in one sendmsg(2).
  func apply(_ changes: (inout RouteBatch) -> Void) throws(KernelError) {
    var batch = RouteBatch()
    changes(&batch)
    try route.apply(batch)
  }

  /// Flushes the neighbour entries of guests' addresses on their bridges. Entries on a TAP go with the TAP.
  /// - Returns: every failure.
  func forgetNeighbors(of guests: [Desired.Guest]) throws(KernelError) -> [KernelError] {
    var batch = RouteBatch()
    let ports = guests.filter { $0.network.mode == .bridge }
    for (bridge, guests) in Dictionary(grouping: ports, by: \.network.bridge) {
      guard let index = try findLink(bridge) else { continue }
      for guest in guests {
        for address in guest.addresses {
          batch.flushNeighbor(address, linkIndex: index, linkName: bridge.rawValue)
        }
      }
    }
    return try route.send(batch)
  }
}
