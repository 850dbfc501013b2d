import NetTypes
import Tapestry

extension Network {
  /// The members are named after the options of `network create`.
  var json: JSON {
    .object(
      [
        ("name", .string(name.rawValue)), ("mode", .string(mode.rawValue)), ("subnet", .string(subnet.description)),
        ("gatewayIp", .string(subnet.gateway.description)), ("bridge", .string(bridge.rawValue)), ("mtu", .number(mtu)),
        ("dns", .array(dns.map { .string($0.description) })), ("allowInterVm", .bool(allowsInterVM)),
        ("nat", .bool(nat)), ("egress", egress.json(default: .all)),
        ("hostAccess", hostAccess.json), ("firewallRules", .bool(opensFirewalls)),
      ] + nameServerFields + ipv6Fields + snapshotFields.map { ($0.name, .string($0.value)) })
  }

  var labelledFields: [(label: String, value: String)] {
    [
      ("name", name.rawValue), ("mode", mode.rawValue), ("subnet", subnet.description),
      ("gateway", subnet.gateway.description), ("bridge", bridge.rawValue), ("mtu", String(mtu)),
      ("dns", guestDNS.isEmpty ? "none" : guestDNS.map(\.description).joined(separator: ", ")),
      ("nat", nat ? "yes" : "no"),
      ("inter-VM", allowsInterVM ? "yes" : "no"), ("egress", egress.text(default: .all)),
      ("host access", hostAccess.description),
    ] + firewallLines + nameServerLines + labelledIPv6Fields + snapshotFields.map { ($0.label, $0.value) }
  }

  private var nameServerFields: [(name: String, value: JSON)] {
    guard let nameServer else { return [] }
    let upstreams = nameServer.upstreams.map { JSON.string($0.description) }
    return [("dnsServer", .object([("domain", .string(domain)), ("upstream", .array(upstreams))]))]
  }

  private var firewallLines: [(label: String, value: String)] {
    opensFirewalls ? [] : [("firewalls", "no accept rules added")]
  }

  private var nameServerLines: [(label: String, value: String)] {
    guard let nameServer else { return [] }
    let upstreams = nameServer.upstreams.map(\.description).joined(separator: ", ")
    return [("DNS server", "for \(domain), upstream " + (upstreams.isEmpty ? "the host's resolvers" : upstreams))]
  }

  /// The members of a network with IPv6.
  private var ipv6Fields: [(name: String, value: JSON)] {
    guard let subnet6, let hostAddress6 else { return [] }
    return [
      ("subnet6", .string(subnet6.description)), ("gatewayIp6", .string(Network.gateway6.description)),
      ("hostIp6", .string(hostAddress6.description)), ("nat6", .bool(nat6)),
    ]
  }

  private var labelledIPv6Fields: [(label: String, value: String)] {
    guard let subnet6, let hostAddress6 else { return [] }
    return [
      ("IPv6 subnet", subnet6.description), ("IPv6 gateway", Network.gateway6.description),
      ("IPv6 host", hostAddress6.description), ("IPv6 NAT", nat6 ? "yes" : "no"),
    ]
  }

  /// The configuration in the snapshot of a clone network.
  private var snapshotFields: [(name: String, label: String, value: String)] {
    guard let snapshot else { return [] }
    return [
      ("guestIp", "guest", "\(snapshot.address)/\(snapshot.subnet.prefixLength)"),
      ("guestMac", "guest MAC", snapshot.mac.description),
      ("guestGateway", "its gateway", snapshot.gateway.description),
      ("gatewayMac", "gateway MAC", snapshot.gatewayMAC.description),
    ]
  }

  static let columns = ["NAME", "MODE", "SUBNET", "GATEWAY", "BRIDGE", "MTU", "NAT", "INTER-VM"]

  var row: [String] {
    [
      name.rawValue, mode.rawValue, subnet.description, subnet.gateway.description, bridge.rawValue, String(mtu),
      nat ? "yes" : "no", allowsInterVM ? "yes" : "no",
    ]
  }
}

extension OutputOptions {
  func show(_ network: Network) {
    switch output {
    case .json: Output.standardOutput(network.json.text)
    case .text:
      Output.standardOutput(network.labelledFields.map { label, value in label.padded(to: 14) + value })
    }
  }
}
