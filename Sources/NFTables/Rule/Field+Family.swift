public import NetTypes

// Fields that both families have.
extension Field {
  /// `ip saddr` or `ip6 saddr`.
  public static func source(_ family: IPFamily) -> Field { family == .v4 ? ipSource : ip6Source }

  /// `ip daddr` or `ip6 daddr`.
  public static func destination(_ family: IPFamily) -> Field { family == .v4 ? ipDestination : ip6Destination }

  /// `rt ip nexthop` or `rt ip6 nexthop`.
  public static func nextHop(_ family: IPFamily) -> Field { family == .v4 ? nextHop : nextHop6 }

  /// The destination of the packet that an ICMP or ICMPv6 error quotes.
  public static func quotedDestination(_ family: IPFamily) -> Field {
    family == .v4 ? quotedDestination : quotedDestination6
  }
}

extension DataType {
  /// `ipv4_addr` or `ipv6_addr`.
  public static func address(_ family: IPFamily) -> DataType { family == .v4 ? ipv4Address : ipv6Address }
}
