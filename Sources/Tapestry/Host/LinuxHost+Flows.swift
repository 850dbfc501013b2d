import Conntrack
import Linux
import NFTables
import NetTypes
import Netlink

extension LinuxHost {
  func learnt(_ domains: Set<DomainSet>) throws(TapestryError) -> [DomainSet: Set<IPAddress>] {
    var learnt: [DomainSet: Set<IPAddress>] = [:]
    for domain in domains {
      for set in domain.sets {
        do throws(KernelError) {
          learnt[domain, default: []].formUnion(try tables.elements(of: set).compactMap(\.owner))
        } catch {
          guard error.errno == .noSuchFile else { throw TapestryError(error) }
        }
      }
    }
    return learnt
  }

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

  func withConnections<Value>(
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
