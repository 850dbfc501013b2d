import NetTypes
import Tapestry

/// A network as it is printed, with the names of its options.
struct NetworkReport: Encodable {
  var name: String
  var mode: String
  var subnet: String
  var gatewayIp: String
  var bridge: String
  var mtu: Int
  var dns: [String]
  var allowInterVm: Bool
  var nat: Bool

  init(_ network: Network) {
    name = network.name.rawValue
    mode = network.mode.rawValue
    subnet = network.subnet.description
    gatewayIp = network.subnet.gateway.description
    bridge = network.bridge.rawValue
    mtu = network.mtu
    dns = network.dns.map(\.description)
    allowInterVm = network.allowsInterVM
    nat = network.nat
  }

  var labelledFields: [(label: String, value: String)] {
    [
      ("name", name), ("mode", mode), ("subnet", subnet), ("gateway", gatewayIp), ("bridge", bridge),
      ("mtu", String(mtu)), ("dns", dns.isEmpty ? "none" : dns.joined(separator: ", ")), ("nat", nat ? "yes" : "no"),
      ("inter-VM", allowInterVm ? "yes" : "no"),
    ]
  }
}
