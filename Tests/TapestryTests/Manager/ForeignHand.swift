import NetTypes
import Tapestry
import TestKit
import Testing
import _StringProcessing

/// Each is something that others do to a host; `check` names it, `repair` mends it, and a second `check` is clean.
struct ForeignHand: Sendable, CustomTestStringConvertible {
  var commands: [[String]]
  /// What `check` says.
  var words: String
  var testDescription: String { commands.map { $0.joined(separator: " ") }.joined(separator: "; ") }

  /// - Parameter commands: `BRIDGE` is the network's, `GUEST` an address of the first guest's.
  private init(_ words: String, _ commands: String...) {
    self.commands = commands.map { $0.split(separator: " ").map(String.init) }
    self.words = words
  }

  /// With the names that a network and its first guest have.
  func naming(_ bridge: InterfaceName, _ guest: IPAddress) -> ForeignHand {
    var hand = self
    hand.words = words.replacing("GUEST", with: "\(guest)").replacing("BRIDGE", with: "\(bridge)")
    hand.commands = commands.map { command in
      command.map { $0.replacing("GUEST", with: "\(guest)").replacing("BRIDGE", with: "\(bridge)") }
    }
    return hand
  }

  static func all(_ way: Way) -> [ForeignHand] {
    switch (way.family, way.mode) {
    case (.v4, .bridge): bridged
    case (.v4, .routed), (.v4, .clone): routed
    case (.v6, let mode): ofIPv6 + (mode == .bridge ? bridged6 : routed6)
    }
  }

  private static let bridged: [ForeignHand] = [
    .init("are missing", "nft flush ruleset"), .init("were altered", "nft delete table bridge tapestry"),
    .init("were altered", "nft flush chain inet tapestry forward"),
    .init("were altered", "nft add rule inet tapestry input accept"),
    .init("were altered", "nft flush set bridge tapestry guests"),
    .init("were altered", "nft flush set inet tapestry subnets"),
    .init("svaeth0 of a/eth0 is missing", "ip link del svaeth0"),
    .init("bridge BRIDGE is missing", "ip link del BRIDGE"), .init("BRIDGE is down", "ip link set BRIDGE down"),
    .init("lacks its address", "ip address flush dev BRIDGE"),
    .init("svaeth0 of a/eth0 is down", "ip link set svaeth0 down"),
    .init("answers ARP for its guests", "sysctl -q -w net.ipv4.conf.BRIDGE.proxy_arp_pvlan=1"),
    .init("is not a port", "ip link set svaeth0 nomaster"),
    .init("is not a port", "ip link add x0 type bridge", "ip link set svaeth0 master x0"),
    .init("is not isolated", "bridge link set dev svaeth0 isolated off"),
    .init("learns or floods", "bridge link set dev svaeth0 learning on"),
    .init("another interface group", "ip link set svaeth0 group 0"), .init("MTU 1400", "ip link set svaeth0 mtu 1400"),
    .init("ip_forward is 0", "sysctl -q -w net.ipv4.ip_forward=0"),
  ]

  private static let routed: [ForeignHand] = [
    .init("lacks the route", "ip route flush dev svaeth0"),
    .init("lacks the neighbour", "ip neighbour flush dev svaeth0 nud permanent"),
    .init("is down", "ip link set svaeth0 down"), .init("another interface group", "ip link set svaeth0 group 0"),
    .init("has a master", "ip link add x0 type bridge", "ip link set svaeth0 master x0"),
    .init("not its guest's", "sysctl -q -w net.ipv4.conf.svaeth0.rp_filter=0"),
    .init("answers no ARP", "sysctl -q -w net.ipv4.conf.svaeth0.proxy_arp=0"),
    .init("svaeth0 of a/eth0 is missing", "ip link del svaeth0"),
    .init("were altered", "nft delete table arp tapestry"),
    .init("were altered", "nft flush set inet tapestry routed"),
    .init("were altered", "nft flush set arp tapestry guests"),
  ]

  private static let ofIPv6: [ForeignHand] = [
    .init("lacks its address \(Site.prefix6.address)1", "ip -6 address flush dev BRIDGE"),
    .init("conf/all/forwarding is 0", "sysctl -q -w net.ipv6.conf.all.forwarding=0"),
    .init("accepts guests' router", "sysctl -q -w net.ipv6.conf.BRIDGE.accept_ra=2"),
    .init("BRIDGE is down", "ip link set BRIDGE down"),
    .init("were altered", "nft flush set inet tapestry host_ping6"),
    .init("were altered", "nft flush set inet tapestry special_use6"),
    .init("were altered", "nft flush chain bridge tapestry from_guest6"),
    .init("svaeth0 of a/eth0 is missing", "ip link del svaeth0"), .init("are missing", "nft flush ruleset"),
  ]

  private static let bridged6: [ForeignHand] = [
    .init("lacks the neighbour GUEST", "ip -6 neighbour flush dev BRIDGE nud permanent"),
    .init("were altered", "nft flush set bridge tapestry guests6"),
  ]

  private static let routed6: [ForeignHand] = [
    .init("lacks the neighbour GUEST", "ip -6 neighbour flush dev svaeth0 nud permanent"),
    .init("were altered", "nft flush set inet tapestry routed6"),
    .init("lacks the route to GUEST", "ip -6 route del GUEST dev svaeth0"),
    .init("lacks its address fe80::1", "ip -6 address flush dev svaeth0"),
    .init("svaeth0 of a/eth0 is down", "ip link set svaeth0 down"),
  ]
}
