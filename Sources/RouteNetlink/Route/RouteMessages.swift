import CLinux
public import Linux
import NetTypes
import Netlink

extension RouteBatch {
  /// Adds a route: RTM_NEWROUTE with NLM_F_EXCL. The kernel answers EEXIST if the table has a route with this destination and
  /// priority.
  /// - Parameter linkName: The name of the output link, for error texts only.
  public mutating func add(_ route: Route, linkName: String? = nil) {
    message(RTM_NEWROUTE, [.create, .exclusive], operation: "add route \(route.text(linkName))") { $0.append(route) }
  }

  /// Adds a route, or replaces the one with this table, destination and priority: RTM_NEWROUTE with NLM_F_REPLACE.
  /// - Parameter linkName: The name of the output link, for error texts only.
  public mutating func replace(_ route: Route, linkName: String? = nil) {
    message(RTM_NEWROUTE, [.create, .replace], operation: "set route \(route.text(linkName))") { $0.append(route) }
  }

  /// Deletes the route that matches all set properties: RTM_DELROUTE. It is not an error if there is none.
  /// - Parameter linkName: The name of the output link, for error texts only.
  public mutating func delete(_ route: Route, linkName: String? = nil) {
    // ESRCH: no such route; ENODEV: the link no longer exists, and neither does the route.
    let satisfied: [Errno] = [.noSuchProcess, .noSuchDevice]
    let operation = "delete route \(route.text(linkName))"
    message(RTM_DELROUTE, operation: operation, satisfiedBy: satisfied) { $0.append(route) }
  }
}

extension Route {
  fileprivate func text(_ linkName: String?) -> String {
    var text = destination.isDefault ? "default" : destination.description
    if let gateway { text += " via \(gateway)" }
    if let outputLink { text += " dev \(LinkReference.text(index: outputLink, name: linkName))" }
    if table != .main { text += " table \(table.rawValue)" }
    return text
  }
}

extension RouteSocket {
  /// Returns the routes: an RTM_GETROUTE dump. A table that does not exist has none.
  /// - Parameters:
  ///   - family: The address family; IPv4 by default.
  ///   - table: The routing table; nil for all tables.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func routes(
    family: AddressFamily = .inet, table: RouteTable? = nil
  ) throws(KernelError) -> [Route] {
    do throws(KernelError) {
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
        // Kernels without strict checking (before 4.20) do not filter.
        return table == nil || route.table == table ? route : nil
      }
    } catch {
      guard table != nil, error.errno == .noSuchFile else { throw error }
      return []
    }
  }
}
