import NetTypes
import Tapestry

extension Network {
  var labelledFields: [(label: String, value: String)] {
    let fields: [(label: String, value: String?)] = [
      ("name", name.rawValue), ("mode", mode.rawValue), ("subnet", subnet.description),
      ("gateway", subnet.gateway.description), ("bridge", bridge.rawValue), ("mtu", String(mtu)),
      ("dns", guestDNS.isEmpty ? "none" : guestDNS.map(\.description).joined(separator: ", ")),
      ("nat", settings.nat ? "yes" : "no"),
      ("inter-VM", settings.allowsInterVM ? "yes" : "no"), ("egress", settings.egress.text(default: .all)),
      ("host access", settings.hostAccess.description),
      ("firewalls", settings.opensFirewalls ? nil : "no accept rules added"),
      ("DNS server", settings.nameServer.map { "for \(domain), upstream \($0.upstreamText)" }),
      ("IPv6 subnet", subnet6?.description), ("IPv6 gateway", subnet6.map { _ in Network.gateway6.description }),
      ("IPv6 host", hostAddress6?.description), ("IPv6 NAT", subnet6.map { _ in nat6 ? "yes" : "no" }),
      // The configuration in the snapshot of a clone network.
      ("guest", snapshot.map { "\($0.address)/\($0.subnet.prefixLength)" }), ("guest MAC", snapshot?.mac.description),
      ("its gateway", snapshot?.gateway.description), ("gateway MAC", snapshot?.gatewayMAC.description),
    ]
    // The rest are the settings that have no line above.
    return fields.compactMap { label, value in value.map { (label, $0) } }
      + settings.lines(
        without: ["dns", "nat", "allow inter vm", "egress", "host access", "firewall rules", "dns server"])
  }

  static let columns = ["NAME", "MODE", "SUBNET", "GATEWAY", "BRIDGE", "MTU", "NAT", "INTER-VM"]

  var row: [String] {
    [
      name.rawValue, mode.rawValue, subnet.description, subnet.gateway.description, bridge.rawValue, String(mtu),
      settings.nat ? "yes" : "no", settings.allowsInterVM ? "yes" : "no",
    ]
  }
}

extension NameServer {
  fileprivate var upstreamText: String {
    upstreams.isEmpty ? "the host's resolvers" : upstreams.map(\.description).joined(separator: ", ")
  }
}

extension OutputOptions {
  func show(_ network: Network) {
    show(network, text: network.labelledFields.map { label, value in label.padded(to: 14) + value })
  }
}
