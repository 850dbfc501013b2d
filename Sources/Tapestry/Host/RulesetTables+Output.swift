import NFTables
import NetTypes

/// What the host lets a guest hear.
extension RulesetTables {
  /// What the host sends to a guest's TAP, one port at a time.
  static let bridgeOutput = Chain(bridge.id, "output", .init(.filter, .output, priority: .filter))
  static let bridgeToClient = Chain(bridge.id, "to_client")
  static let redirects = Chain(inet.id, "redirects", .init(.filter, .output, priority: .filter))

  static let outputRules: [Rule] =
    [
      // A VMM may make its TAP's MAC a neighbour's, and the bridge then sends it the neighbour's frames: where guests may not
      // reach each other their entries keep it from doing so (`BridgeEntry`).
      Rule(
        in: bridgeOutput, .match(.oifGroup, .deviceGroup(number(of: .shared))),
        .match(.etherDestination, .ether(nobody), mask: .ether(groupBit)),
        .match(.oifname, .etherDestination, notIn: macs), .drop),
      // A server answers everybody where a client asks it to, and the kernel copies that to every port.
      Rule(
        in: bridgeOutput, .match(.oifGroup, anyGroup, mask: groupBytes), isIPv4,
        .match(.udpDestinationPort, .port(68)), .goto(bridgeToClient.id.name)),
      Rule(in: bridgeToClient, .match(.oifname, .dhcpClientEther, in: aboutMACs), .accept),
      Rule(in: bridgeToClient, .drop),
    ] + redirectRules(redirects)

  /// Where two guests are behind one bridge, the host tells the one of the other's MAC, before any policy looks: IPv6 has
  /// no setting for that, and IPv4's holds for all of the host. What comes from elsewhere is no guest's router's.
  static func redirectRules(_ chain: Chain) -> [Rule] {
    [NFTables.Statement.match(.icmpType, .icmpType(5)), .match(.icmpv6Type, .icmpv6Type(137))].flatMap { isRedirect in
      [
        Rule(in: chain, isRedirect, .match(.oifname, in: bridges), .drop),
        Rule(in: chain, isRedirect, .match(.oifGroup, anyGroup, mask: groupBytes), .drop),
      ]
    }
  }

  private static let nobody = MACAddress(0, 0, 0, 0, 0, 0)
  /// Set in the MACs of groups: IEEE 802.
  private static let groupBit = MACAddress(1, 0, 0, 0, 0, 0)
}
