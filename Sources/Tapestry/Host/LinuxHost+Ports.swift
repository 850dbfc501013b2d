import Linux
import NetTypes
import Netlink

extension LinuxHost {
  func requireUnbound(_ ports: [PublishedPort]) throws(TapestryError) {
    try requireNotRedirected(ports)
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

  private func requireNotRedirected(_ ports: [PublishedPort]) throws(TapestryError) {
    guard !ports.isEmpty else { return }
    let translations: [ForeignTranslation]
    do throws(NetlinkError) { translations = try observeForeignTranslations() } catch { throw TapestryError(error) }
    guard translations.contains(where: { !$0.ports.isEmpty }) else { return }
    let observed = try observe().observed
    for port in ports {
      if let chain = observed.redirection(of: port) { throw .portRedirected(port, by: chain) }
    }
  }
}
