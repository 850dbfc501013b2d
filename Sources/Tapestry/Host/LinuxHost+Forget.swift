import Conntrack
import Linux
import NetTypes
import Netlink
import RouteNetlink

extension LinuxHost {
  /// So that an address that is handed out again is reachable at once, under its new holder's MAC, and meets no
  /// connection of the old one's.
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
    // A neighbour of a TAP's own goes with it.
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
