import Conntrack
import Linux
import NetTypes

/// The kernel's tracked connections.
final class ConnectionDriver {
  /// Opened by the first use: an attach has nothing to forget.
  private var connections: ConntrackSocket?

  func flows(_ isWanted: (Flow) -> Bool) throws(TapestryError) -> [Flow] {
    try withConnections { socket throws(KernelError) in
      try socket.entries().map(Flow.init).filter(isWanted)
    }
  }

  func end(_ isUnwanted: (Flow) -> Bool) throws(TapestryError) -> [Flow] {
    try withConnections { socket throws(KernelError) in
      try socket.forget { entry in isUnwanted(Flow(entry)) }.map(Flow.init)
    }
  }

  /// Forgets every entry of guests' addresses.
  func forget(_ guests: [Desired.Guest]) throws(TapestryError) {
    try withConnections { socket throws(KernelError) in
      try socket.flush(addresses: guests.map(\.lease.address))
      try socket.flush(addresses: guests.flatMap(\.addresses6))
    }
  }

  private func withConnections<Value>(
    _ use: (inout ConntrackSocket) throws(KernelError) -> Value
  ) throws(TapestryError) -> Value {
    do throws(KernelError) {
      var socket = if let open = connections.take() { open } else { try ConntrackSocket() }
      let value = try use(&socket)
      connections = consume socket
      return value
    } catch {
      throw TapestryError(error)
    }
  }
}

extension ConntrackTuple {
  fileprivate var ends: (source: IPAddress, destination: IPAddress) {
    switch addresses {
    case .v4(let source, let destination): (.v4(source), .v4(destination))
    case .v6(let source, let destination): (.v6(source), .v6(destination))
    }
  }
}

extension Flow {
  fileprivate init(_ entry: ConntrackEntry) {
    let ((source, destination), (replier, answered)) = (entry.original.ends, entry.reply.ends)
    var (port, replierPort): (UInt16, UInt16) = (0, 0)
    if case .ports(_, let number) = entry.original.transport { port = number }
    if case .ports(let number, _) = entry.reply.transport { replierPort = number }
    self.init(
      source: source, protocolNumber: entry.original.protocolNumber,
      target: Target(address: destination, port: port), end: Target(address: replier, port: replierPort),
      answered: answered)
  }
}
