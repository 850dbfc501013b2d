import NFTables
import NetTypes

/// What the host may send to guests.
extension RulesetTables {
  /// Frames from the host to guests' TAPs, one port at a time.
  static let bridgeOutput = Chain(bridge.id, "output", .init(.filter, .output, priority: .filter))
  static let bridgeToClient = Chain(bridge.id, "to_client")
  static let redirects = Chain(inet.id, "redirects", .init(.filter, .output, priority: .filter))

  static let outputRules: [Rule] =
    [
      // A VMM may give its TAP a neighbour's MAC, and the bridge then sends it the neighbour's frames. If guests may not
      // reach each other, their forwarding entries prevent that (`BridgeEntry`).
      Rule(
        in: bridgeOutput, isKind(.oifGroup, .shared),
        .match(.etherDestination, .ether(nobody), mask: .ether(groupBit)),
        .match(.oifname, .etherDestination, notIn: macs), .drop),
      // A server broadcasts its answer if the client asks for that, and the kernel copies it to every port.
      Rule(
        in: bridgeOutput, isForTap, isIPv4, .match(.udpDestinationPort, .port(68)), .goto(bridgeToClient.id.name)),
      Rule(in: bridgeToClient, .match(.oifname, .dhcpClientEther, in: aboutMACs), .accept),
      Rule(in: bridgeToClient, .drop),
    ] + redirectRules(redirects)

  /// Between two guests behind one bridge, the host would send one a redirect with the other's MAC, before any policy is
  /// checked. IPv6 has no setting against that, and IPv4's holds for the whole host. Redirects that come from elsewhere are
  /// not from a guest's router.
  static func redirectRules(_ chain: Chain) -> [Rule] {
    [NFTables.Statement.match(.icmpType, .icmpType(5)), .match(.icmpv6Type, .icmpv6Type(137))].flatMap { isRedirect in
      [
        Rule(in: chain, isRedirect, .match(.oifname, in: bridges), .drop),
        Rule(in: chain, isRedirect, isForTap, .drop),
      ]
    }
  }

  private static let nobody = MACAddress(0, 0, 0, 0, 0, 0)
  /// The group bit of a MAC: IEEE 802.
  private static let groupBit = MACAddress(1, 0, 0, 0, 0, 0)
}
