public import NetTypes

extension IPAddress {
  /// Where a socket is bound that takes what comes to any address of the family: 0.0.0.0, `::`.
  public static func any(_ family: IPFamily) -> IPAddress { IPAddress(family, number: 0) }

  /// nil of the other family.
  public var ipv4: IPv4Address? { if case .v4(let address) = self { address } else { nil } }

  /// nil of the other family.
  public var ipv6: IPv6Address? { if case .v6(let address) = self { address } else { nil } }
}

extension IPFamily {
  /// As ip(8) is told: `-4`, `-6`.
  public var option: String {
    switch self {
    case .v4: "-4"
    case .v6: "-6"
    }
  }
}
