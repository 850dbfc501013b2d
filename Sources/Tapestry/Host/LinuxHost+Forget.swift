import Conntrack
import Linux
import NetTypes
import Netlink
import RouteNetlink

extension LinuxHost {
  /// Ensures that a reassigned address is reachable at once under its new holder's MAC, and matches no connection of the
  /// old one.
  func forget(_ guests: [Desired.Guest]) -> [TapestryError] {
    guard !guests.isEmpty else { return [] }
    var failures: [TapestryError] = []
    do throws(KernelError) {
      failures += try route.send(try neighbors(of: guests)).map { TapestryError($0) }
    } catch { failures.append(TapestryError(error)) }
    do throws(TapestryError) {
      try withConnections { socket throws(KernelError) in
        try socket.flush(addresses: guests.map(\.lease.address))
        try socket.flush(addresses: guests.flatMap(\.addresses6))
      }
    } catch { failures.append(error) }
    return failures
  }

  private func neighbors(of guests: [Desired.Guest]) throws(KernelError) -> RouteBatch {
    var batch = RouteBatch()
    // Neighbour entries on a TAP go with the TAP.
    let ports = guests.filter { $0.network.mode == .bridge }
    for (bridge, guests) in Dictionary(grouping: ports, by: \.network.bridge) {
      guard let index = try findLink(bridge) else { continue }
      for guest in guests {
        for address in [.v4(guest.lease.address)] + guest.addresses6.map(IPAddress.v6) {
          batch.flushNeighbor(address, linkIndex: index, linkName: bridge.rawValue)
        }
      }
    }
    return batch
  }
}
