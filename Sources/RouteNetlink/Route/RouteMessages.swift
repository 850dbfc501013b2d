import CLinux
import Linux
import NetTypes
public import Netlink

extension RouteBatch {
  /// Adds a route: RTM_NEWROUTE. EEXIST where there is one to that destination in that table with that priority.
  /// - Parameter linkName: The name of the output link, for the words of errors.
  public mutating func add(_ route: Route, linkName: String? = nil) {
    message(RTM_NEWROUTE, [.create, .exclusive], operation: "add route \(route.words(linkName))") { $0.append(route) }
  }

  /// Adds a route, or puts it in the place of the one to that destination in that table with that priority.
  public mutating func replace(_ route: Route, linkName: String? = nil) {
    message(RTM_NEWROUTE, [.create, .replace], operation: "set route \(route.words(linkName))") { $0.append(route) }
  }

  /// Deletes the route that is like this one in all that is set: RTM_DELROUTE. That there is none is no failure.
  public mutating func delete(_ route: Route, linkName: String? = nil) {
    // ESRCH: no such route; ENODEV: its link is gone, and the route with it.
    let satisfied: [Errno] = [.noSuchProcess, .noSuchDevice]
    let operation = "delete route \(route.words(linkName))"
    message(RTM_DELROUTE, operation: operation, satisfiedBy: satisfied) { $0.append(route) }
  }
}

extension Route {
  fileprivate func words(_ linkName: String?) -> String {
    var words = destination.isDefault ? "default" : destination.description
    if let gateway { words += " via \(gateway)" }
    if let outputLink { words += " dev \(LinkReference.words(index: outputLink, name: linkName))" }
    if table != .main { words += " table \(table.rawValue)" }
    return words
  }
}

extension RouteSocket {
  /// All routes of a family, or those of one table: an RTM_GETROUTE dump. A table that is not there has none.
  public mutating func routes(
    family: AddressFamily = .inet, table: RouteTable? = nil
  ) throws(NetlinkError) -> [Route] {
    do throws(NetlinkError) {
      return try get(RTM_GETROUTE, dump: true, operation: "list routes") { message in
        message.append(family.rawValue)
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(table?.headerValue ?? 0)
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(UInt8(0))
        message.append(UInt32(0))
        if let table { message.append(table) }
      } decoding: { payload throws(DecodingFailure) in
        guard let route = try Route(decoding: payload) else { return nil }
        // Kernels without strict checking do not filter.
        return table == nil || route.table == table ? route : nil
      }
    } catch {
      guard table != nil, error.errno == .noSuchFile else { throw error }
      return []
    }
  }
}
