import Conntrack
import NetTypes
import Netlink

extension LinuxHost {
  func flows(_ isWanted: (Flow) -> Bool) throws(TapestryError) -> [Flow] {
    try withConnections { socket throws(NetlinkError) in
      try socket.entries().compactMap(Flow.init).filter(isWanted)
    }
  }

  func end(_ isUnwanted: (Flow) -> Bool) throws(TapestryError) -> [Flow] {
    try withConnections { socket throws(NetlinkError) in
      try socket.forget { entry in Flow(entry).map(isUnwanted) ?? false }.compactMap(Flow.init)
    }
  }

  func withConnections<Value>(
    _ use: (inout ConntrackSocket) throws(NetlinkError) -> Value
  ) throws(TapestryError) -> Value {
    do throws(NetlinkError) {
      var socket = if let open = connections.take() { open } else { try ConntrackSocket() }
      let value = try use(&socket)
      connections = consume socket
      return value
    } catch {
      throw TapestryError(error)
    }
  }
}

extension Flow {
  /// nil for one over IPv6.
  fileprivate init?(_ entry: ConntrackEntry) {
    guard case .v4(let source, let destination) = entry.original.addresses,
      case .v4(let replier, _) = entry.reply.addresses
    else { return nil }
    var (port, replierPort): (UInt16, UInt16) = (0, 0)
    if case .ports(_, let number) = entry.original.transport { port = number }
    if case .ports(let number, _) = entry.reply.transport { replierPort = number }
    self.init(
      source: source, protocolNumber: entry.original.protocolNumber,
      target: Target(address: destination, port: port), end: Target(address: replier, port: replierPort))
  }
}
