import CLinux
public import Linux
import NetTypes
import Netlink

extension RouteBatch {
  /// Adds a route, or replaces the one with this table, destination and priority: RTM_NEWROUTE with NLM_F_REPLACE.
  /// - Parameter linkName: The name of the output link, for error texts only.
  public mutating func replace(_ route: Route, linkName: String? = nil) {
    message(RTM_NEWROUTE, [.create, .replace], operation: "set route \(route.text(linkName))") { $0.append(route) }
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
  /// Returns the routes of all tables: an RTM_GETROUTE dump.
  /// - Parameter family: The address family; IPv4 by default.
  /// - Throws: `KernelError` of the exchange; EBADMSG for a malformed answer.
  public mutating func routes(family: AddressFamily = .inet) throws(KernelError) -> [Route] {
    try get(RTM_GETROUTE, dump: true, operation: "list routes") { message in
      message.append(UInt32(family.rawValue))
      message.append(UInt64(0))
    } decoding: { payload throws(DecodingFailure) in
      try Route(decoding: payload)
    }
  }
}
