import Linux
import NetTypes

/// One change to the kernel. What `--dry-run` prints is what `apply` does.
enum Step: Hashable, Sendable {
  /// Both tables made anew with everything in them.
  case installRuleset(Ruleset)
  case changeRuleset(RulesetChange)
  case removeRuleset
  case createBridge(Network)
  case setBridge(Network)
  /// Whether a network's bridge is to carry packets from and to 127.0.0.0/8.
  case routeLoopback(Network, Bool)
  case addGateway(Network)
  /// The addresses of a network with IPv6.
  case addGateway6(Network)
  /// Has the network's bridge keep the filter that its guests' TAPs pass.
  case setChecksumFilter(Network)
  case createTap(Desired.Guest)
  case setTap(Desired.Guest)
  /// Deletes the guest's TAP if it is there and carries the guest's mark.
  case deleteTap(Desired.Guest)
  /// Deletes a link that was observed to be ours.
  case deleteLink(name: String, index: Int32, mark: OwnerMark)
  /// Puts accepts for a network's packets, from and to its addresses of one family, into another program's chain.
  case letThrough(Identifier, IPPrefix, ForeignChain)
  /// Takes a network's accepts of one family out of another program's chain.
  case retract(Identifier, IPFamily, ForeignChain)
  /// Has a network's dnsmasq told of a guest.
  case setNames(Desired.Guest)
  /// Has a network's dnsmasq forget what the files of this name say: an address.
  case forgetNames(Identifier, String)
  /// Looks whether a network's dnsmasq runs.
  case requireNameServer(Identifier)
  /// In place of whatever runs for the network.
  case startNameServer(NameService)
  case stopNameServer(Identifier)
  /// Ends it, and deletes its files.
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
    case .routeLoopback(let network, let isOn):
      isOn
        ? "have bridge \(network.bridge) lead from 127.0.0.1 to published ports"
        : "have bridge \(network.bridge) lead to 127.0.0.1 no more"
    case .addGateway(let network):
      "add address \(network.subnet.gateway)/\(network.subnet.prefixLength) to bridge \(network.bridge)"
    case .addGateway6(let network):
      "add \(network.bridgeAddresses6.map { "address \($0)/64" }.joined(separator: ", ")) to bridge \(network.bridge)"
    case .setChecksumFilter(let network):
      "drop checksums that guests of network \(network.name) have written where they do not belong"
    case .createTap(let guest): "create TAP \(guest.settings)"
    case .setTap(let guest): "set TAP \(guest.settings)"
    case .deleteTap(let guest): "delete TAP \(guest.lease.tapName) of \(guest.lease.key)"
    case .deleteLink(let name, _, let mark): "delete link \(name) (\(mark.alias))"
    case .letThrough(let network, let prefix, let chain):
      "accept packets of network \(network), from and to \(prefix), in chain '\(chain)'"
    case .retract(let network, .v4, let chain): "remove the accepts for network \(network) from chain '\(chain)'"
    case .retract(let network, .v6, let chain):
      "remove the accepts of IPv6 for network \(network) from chain '\(chain)'"
    case .setNames(let guest):
      "tell dnsmasq of network \(guest.network.name) of \(guest.lease.key) at \(guest.lease.address)"
    case .forgetNames(let network, let file): "have dnsmasq of network \(network) forget \(file)"
    case .requireNameServer(let network): "see that dnsmasq of network \(network) runs"
    case .startNameServer(let service):
      "start dnsmasq of network \(service.network.name) at \(service.network.subnet.gateway)"
    case .stopNameServer(let network): "stop dnsmasq of network \(network)"
    case .removeNameServer(let network): "stop dnsmasq of network \(network), and delete its files"
    case .setSysctl(let sysctl, let value): "set sysctl \(sysctl.rawValue) to \(value)"
    case .restoreSysctl(let sysctl, let value): "put sysctl \(sysctl.rawValue) back to \(value)"
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
      case .bridge: "master \(network.bridge), \(network.allowsInterVM ? "not isolated" : "isolated")"
      case .routed, .clone: "route to \(lease.address), neighbour \(neighborAddress) at \(mac)"
      }
    return text + ": \(place), mtu \(network.mtu), up" + (address6.map { ", IPv6 \($0)" } ?? "")
  }
}

extension RulesetChange: CustomStringConvertible {
  var description: String {
    var parts: [String] = []
    parts += addedDomains.map { "learn where \($0) is" }
    if !addedConnectionLimits.isEmpty { parts.append("count connections to \(Self.list(addedConnectionLimits))") }
    parts += addedNetworks.map { "let network \($0) through" }
    parts += addedGuests.map { "let guest \($0) through" }
    parts += removedGuests.map { "stop guest \($0)" }
    parts += removedNetworks.map { "forget network \($0)" }
    parts += removedDomains.map { "forget where \($0) is" }
    if !removedConnectionLimits.isEmpty {
      parts.append("no longer count connections to \(Self.list(removedConnectionLimits))")
    }
    return parts.joined(separator: "; ")
  }

  private static func list(_ limits: Set<UInt32>) -> String {
    limits.sorted().map(String.init).joined(separator: ", ")
  }
}
