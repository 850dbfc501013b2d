import Conntrack
import Linux
import NetTypes
import Netlink
import RouteNetlink

extension LinuxHost {
  /// So that an address that is handed out again is reachable at once, under its new holder's MAC, and meets no
  /// connection of the old one's.
  func forget(_ guests: [Desired.Guest]) throws(TapestryError) {
    guard !guests.isEmpty else { return }
    let batch: RouteBatch
    do throws(SystemError) { batch = try neighbors(of: guests) } catch { throw TapestryError(error) }
    do throws(NetlinkError) {
      try route.apply(batch)
      var socket = if let open = connections.take() { open } else { try ConntrackSocket() }
      try socket.flush(addresses: guests.map(\.lease.address))
      connections = consume socket
    } catch {
      throw TapestryError(error)
    }
  }

  private func neighbors(of guests: [Desired.Guest]) throws(SystemError) -> RouteBatch {
    var batch = RouteBatch()
    for (bridge, guests) in Dictionary(grouping: guests, by: \.network.bridge) {
      let index: Int32
      do throws(SystemError) { index = try InterfaceIndex.named(bridge) } catch {
        // A bridge that is gone has taken its neighbours along.
        guard error.errno == .noSuchDevice else { throw error }
        continue
      }
      for guest in guests {
        batch.flushNeighbor(.v4(guest.lease.address), linkIndex: index, linkName: bridge.rawValue)
      }
    }
    return batch
  }
}
