import Linux
import NetTypes

/// One change to the kernel. `--dry-run` prints exactly what `apply` does.
enum Step: Hashable, Sendable {
  /// Makes all tables again with everything in them.
  case installRuleset(Ruleset)
  case changeRuleset(RulesetChange)
  case removeRuleset
  case createBridge(Network)
  case setBridge(Network)
  /// Turns a setting of a network's bridge on or off.
  case setSwitch(Network, BridgeSwitch, Bool)
  case addGateway(Network)
  /// Adds the addresses of a network with IPv6.
  case addGateway6(Network)
  /// Makes the network's bridge hold the checksum filter that its guests' TAPs share.
  case setChecksumFilter(Network)
  case createTap(Desired.Guest)
  case setTap(Desired.Guest)
  /// Deletes the guest's TAP if it exists and has the guest's mark.
  case deleteTap(Desired.Guest)
  /// Deletes a link that was observed to be ours.
  case deleteLink(name: String, index: Int32, mark: OwnerMark)
  /// Adds accept rules for a network's packets, from and to its addresses of one family, to another program's chain.
  case addAccepts(Identifier, IPPrefix, ForeignChain)
  /// Removes a network's accept rules of one family from another program's chain.
  case removeAccepts(Identifier, IPFamily, ForeignChain)
  /// Tells a network's dnsmasq of a guest.
  case setNames(Desired.Guest)
  /// Makes a network's dnsmasq forget the files of this name, which is an address.
  case forgetNames(Identifier, String)
  /// Checks that a network's dnsmasq runs.
  case requireNameServer(Identifier)
  /// Replaces any running dnsmasq of the network.
  case startNameServer(NameService)
  case stopNameServer(Identifier)
  /// Stops it and deletes its files.
  case removeNameServer(Identifier)
  case setSysctl(Sysctl, value: String)
  case restoreSysctl(Sysctl, value: String)
}

extension Step: CustomStringConvertible {
  var description: String {
    switch self {
    case .installRuleset(let ruleset):
      "install the tables 'tapestry' of families bridge, arp and inet (networks: \(ruleset.networks.count), "
        + "guests: \(ruleset.guests.count))"
    case .changeRuleset(let change): change.description
    case .removeRuleset: "remove the tables 'tapestry' of families bridge, arp and inet"
    case .createBridge(let network):
      "create bridge \(network.bridge) of network \(network.name), mac \(network.bridgeMAC), mtu \(network.mtu), up"
    case .setBridge(let network): "set bridge \(network.bridge): mtu \(network.mtu), up"
    case .setSwitch(let network, let choice, let isOn):
      "make bridge \(network.bridge) \(isOn ? "" : "no longer ")\(choice.purpose)"
    case .addGateway(let network):
      "add address \(network.subnet.gateway)/\(network.subnet.prefixLength) to bridge \(network.bridge)"
    case .addGateway6(let network):
      "add \(network.bridgeAddresses6.map { "address \($0)/64" }.joined(separator: ", ")) to bridge \(network.bridge)"
    case .setChecksumFilter(let network):
      "filter frames of network \(network.name) whose checksum offset is not a checksum field"
    case .createTap(let guest): "create TAP \(guest.settings)"
    case .setTap(let guest): "set TAP \(guest.settings)"
    case .deleteTap(let guest): "delete TAP \(guest.lease.tapName) of \(guest.lease.key)"
    case .deleteLink(let name, _, let mark): "delete link \(name) (\(mark.alias))"
    case .addAccepts(let network, let prefix, let chain):
      "accept packets of network \(network), from and to \(prefix), in chain '\(chain)'"
    case .removeAccepts(let network, let family, let chain):
      "remove the \(family == .v4 ? "" : "IPv6 ")accept rules for network \(network) from chain '\(chain)'"
    case .setNames(let guest):
      "tell dnsmasq of network \(guest.network.name) of \(guest.lease.key) at \(guest.lease.address)"
    case .forgetNames(let network, let file): "make dnsmasq of network \(network) forget \(file)"
    case .requireNameServer(let network): "check that dnsmasq of network \(network) runs"
    case .startNameServer(let service):
      "start dnsmasq of network \(service.network.name) at \(service.network.subnet.gateway)"
    case .stopNameServer(let network): "stop dnsmasq of network \(network)"
    case .removeNameServer(let network): "stop dnsmasq of network \(network), and delete its files"
    case .setSysctl(let sysctl, let value): "set sysctl \(sysctl.rawValue) to \(value)"
    case .restoreSysctl(let sysctl, let value): "restore sysctl \(sysctl.rawValue) to \(value)"
    }
  }
}

extension Desired.Guest {
  fileprivate var settings: String {
    var text = "\(lease.tapName) of \(lease.key)"
    if let owner = lease.settings.owner {
      text += ", owner \(owner.uid)"
      if let gid = owner.gid { text += ":\(gid)" }
    }
    let place =
      switch network.mode {
      case .bridge: "master \(network.bridge), \(network.settings.allowsInterVM ? "not isolated" : "isolated")"
      case .routed, .clone: "route to \(lease.address), neighbour \(neighborAddress) at \(mac)"
      }
    return text + ": \(place), mtu \(network.mtu), up" + (address6.map { ", IPv6 \($0)" } ?? "")
  }
}

extension RulesetChange: CustomStringConvertible {
  var description: String {
    var parts = addedDomains.map { "collect addresses of \($0)" }
    if !addedConnectionLimits.isEmpty { parts.append("count connections to \(Self.list(addedConnectionLimits))") }
    parts += addedNetworks.map { "accept network \($0)" }
    parts += addedGuests.map { "accept guest \($0)" }
    parts += removedGuests.map { "stop guest \($0)" }
    parts += removedNetworks.map { "remove network \($0)" }
    parts += removedDomains.map { "discard addresses of \($0)" }
    if !removedConnectionLimits.isEmpty {
      parts.append("no longer count connections to \(Self.list(removedConnectionLimits))")
    }
    return parts.joined(separator: "; ")
  }

  private static func list(_ limits: Set<UInt32>) -> String { limits.sorted().map(String.init).joined(separator: ", ") }
}
