public import NetTypes

// Fields that both families have.
extension Field {
  /// `ip saddr` or `ip6 saddr`.
  public static func source(_ family: IPFamily) -> Field {
    switch family {
    case .v4: ipSource
    case .v6: ip6Source
    }
  }

  /// `ip daddr` or `ip6 daddr`.
  public static func destination(_ family: IPFamily) -> Field {
    switch family {
    case .v4: ipDestination
    case .v6: ip6Destination
    }
  }

  /// `rt ip nexthop` or `rt ip6 nexthop`.
  public static func nextHop(_ family: IPFamily) -> Field {
    switch family {
    case .v4: nextHop
    case .v6: nextHop6
    }
  }

  /// The destination of the packet that an ICMP or ICMPv6 error quotes.
  public static func quotedDestination(_ family: IPFamily) -> Field {
    switch family {
    case .v4: quotedDestination
    case .v6: quotedDestination6
    }
  }
}

extension DataType {
  /// `ipv4_addr` or `ipv6_addr`.
  public static func address(_ family: IPFamily) -> DataType {
    switch family {
    case .v4: ipv4Address
    case .v6: ipv6Address
    }
  }
}

extension Datum {
  public static func address(_ address: IPAddress) -> Datum {
    switch address {
    case .v4(let address): ipv4(address)
    case .v6(let address): ipv6(address)
    }
  }
}

extension Element {
  /// All addresses of a prefix, for a set of intervals.
  public init(_ prefix: IPPrefix, data: Data? = nil, comment: String? = nil) {
    self.init(
      key: [.address(prefix.address)], through: [.address(prefix.lastAddress)], data: data, comment: comment)
  }

  /// All addresses of a prefix, for a set of intervals.
  public init<Address>(_ prefix: Prefix<Address>, data: Data? = nil, comment: String? = nil) {
    self.init(IPPrefix(prefix), data: data, comment: comment)
  }
}
