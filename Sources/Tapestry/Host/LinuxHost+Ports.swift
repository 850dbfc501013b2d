import Linux
import NetTypes
import Netlink

extension LinuxHost {
  func requirePublishable(_ ports: [PublishedPort]) throws(TapestryError) {
    var asked: Set<IPv4Address> = []
    for port in ports {
      guard let address = port.hostAddress, !address.isLoopback, asked.insert(address).inserted else { continue }
      guard try isOwn(address) else {
        throw TapestryError(
          .invalidPort,
          "'\(port)' cannot be reached: this host does not have the address \(address). See 'ip address'. For an address "
            + "that is added later, set the sysctl net.ipv4.ip_nonlocal_bind to 1")
      }
    }
    try requireNotRedirected(ports)
    try requireUnbound(ports)
  }

  private func isOwn(_ address: IPv4Address) throws(TapestryError) -> Bool {
    do throws(KernelError) { return try LocalAddress.mayBeBound(address) } catch { throw TapestryError(error) }
  }

  private func requireUnbound(_ ports: [PublishedPort]) throws(TapestryError) {
    for (transport, ports) in Dictionary(grouping: ports, by: \.transport) {
      let bound: [BoundPort]
      do throws(KernelError) { bound = try BoundPort.all(transport == .tcp ? .tcp : .udp) } catch {
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

  private func requireNotRedirected(_ ports: [PublishedPort]) throws(TapestryError) {
    guard !ports.isEmpty else { return }
    let translations: [ForeignTranslation]
    do throws(KernelError) { translations = try firewalls.observeForeignTranslations() } catch {
      throw TapestryError(error)
    }
    guard translations.contains(where: { !$0.ports.isEmpty }) else { return }
    let observed = try observe().observed
    for port in ports {
      if let chain = observed.redirection(of: port) { throw .portRedirected(port, by: chain) }
    }
  }
}
