import Linux
import NetTypes

extension LinuxHost {
  func requireUnbound(_ ports: [PublishedPort]) throws(TapestryError) {
    for (transport, ports) in Dictionary(grouping: ports, by: \.transport) {
      let bound: [BoundPort]
      do throws(SystemError) { bound = try BoundPort.all(transport == .tcp ? .tcp : .udp) } catch {
        throw TapestryError(error)
      }
      let byPort = Dictionary(grouping: bound, by: \.port)
      for port in ports {
        let holder = byPort[port.hostPort]?.first {
          $0.address == nil || port.hostAddress == nil || $0.address == port.hostAddress
        }
        if let holder { throw .portInUse(port, by: holder.holder ?? "a program of this host") }
      }
    }
  }
}
