import NetTypes
import Tapestry

extension Network {
  var labelledFields: [(label: String, value: String)] {
    [
      ("name", name.rawValue), ("mode", mode.rawValue), ("subnet", subnet.description),
      ("gateway", subnet.gateway.description), ("bridge", bridge.rawValue), ("mtu", String(mtu)),
      ("dns", guestDNS.isEmpty ? "none" : guestDNS.map(\.description).joined(separator: ", ")),
      ("nat", settings.nat ? "yes" : "no"),
      ("inter-VM", settings.allowsInterVM ? "yes" : "no"), ("egress", settings.egress.text(default: .all)),
      ("host access", settings.hostAccess.description),
    ] + firewallLines + nameServerLines + labelledIPv6Fields + snapshotFields + otherLines
  }

  /// The settings that have no line above.
  private var otherLines: [(label: String, value: String)] {
    settings.lines(
      without: ["dns", "nat", "allow inter vm", "egress", "host access", "firewall rules", "dns server"])
  }

  private var firewallLines: [(label: String, value: String)] {
    settings.opensFirewalls ? [] : [("firewalls", "no accept rules added")]
  }

  private var nameServerLines: [(label: String, value: String)] {
    guard let nameServer = settings.nameServer else { return [] }
    let upstreams = nameServer.upstreams.map(\.description).joined(separator: ", ")
    return [("DNS server", "for \(domain), upstream " + (upstreams.isEmpty ? "the host's resolvers" : upstreams))]
  }

  private var labelledIPv6Fields: [(label: String, value: String)] {
    guard let subnet6, let hostAddress6 else { return [] }
    return [
      ("IPv6 subnet", subnet6.description), ("IPv6 gateway", Network.gateway6.description),
      ("IPv6 host", hostAddress6.description), ("IPv6 NAT", nat6 ? "yes" : "no"),
    ]
  }

  /// The configuration in the snapshot of a clone network.
  private var snapshotFields: [(label: String, value: String)] {
    guard let snapshot else { return [] }
    return [
      ("guest", "\(snapshot.address)/\(snapshot.subnet.prefixLength)"), ("guest MAC", snapshot.mac.description),
      ("its gateway", snapshot.gateway.description), ("gateway MAC", snapshot.gatewayMAC.description),
    ]
  }

  static let columns = ["NAME", "MODE", "SUBNET", "GATEWAY", "BRIDGE", "MTU", "NAT", "INTER-VM"]

  var row: [String] {
    [
      name.rawValue, mode.rawValue, subnet.description, subnet.gateway.description, bridge.rawValue, String(mtu),
      settings.nat ? "yes" : "no", settings.allowsInterVM ? "yes" : "no",
    ]
  }
}

extension OutputOptions {
  func show(_ network: Network) {
    show(network, text: network.labelledFields.map { label, value in label.padded(to: 14) + value })
  }
}
