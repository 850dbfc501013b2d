import Linux
import NetTypes

extension LinuxHost {
  func requirePublishable(_ ports: [PublishedPort]) throws(TapestryError) {
    var asked: Set<IPv4Address> = []
    for port in ports {
      guard let address = port.hostAddress, !address.isLoopback, asked.insert(address).inserted else { continue }
      guard try TapestryError.translating(LocalAddress.mayBeBound(address)) else {
        throw TapestryError(
          .invalidPort,
          "'\(port)' cannot be reached: this host does not have the address \(address). See 'ip address'. For an address "
            + "that is added later, set the sysctl net.ipv4.ip_nonlocal_bind to 1")
      }
    }
    try requireNotRedirected(ports)
    try requireUnbound(ports)
  }

  private func requireUnbound(_ ports: [PublishedPort]) throws(TapestryError) {
    for (transport, ports) in Dictionary(grouping: ports, by: \.transport) {
      let bound = try TapestryError.translating(BoundPort.all(transport == .tcp ? .tcp : .udp))
      let byPort = Dictionary(grouping: bound, by: \.port)
      for port in ports {
        let holder = byPort[port.hostPort]?.first {
          $0.address == nil || port.hostAddress == nil || $0.address == port.hostAddress
        }
        if let holder { throw .portInUse(port, by: holder.holder ?? "a program of this host") }
      }
    }
  }

  private func requireNotRedirected(_ ports: [PublishedPort]) throws(TapestryError) {
    guard !ports.isEmpty else { return }
    let translations = try TapestryError.translating(firewalls.observeForeignTranslations())
    guard translations.contains(where: { !$0.ports.isEmpty }) else { return }
    let observed = try observe().observed
    for port in ports {
      if let chain = observed.redirection(of: port) { throw .portRedirected(port, by: chain) }
    }
  }
}
