/// A protocol that a packet must have to contain a field. A rule that reads `ip saddr` from a packet other than IPv4
/// would compare other bytes.
enum Requirement: Hashable, Sendable {
  case ethernet, ipv4, ipv6, arp
  // The same as `ipv4` and `ipv6`, for fields after that header. In the bridge family nft(8) adds another check for them.
  case carriedByIPv4, carriedByIPv6
  /// A transport protocol over IP.
  case transport(UInt8)

  /// Returns true if all packets of the family meet the requirement.
  func isImplied(by family: Family) -> Bool {
    switch (self, family) {
    case (.ipv4, .ip), (.carriedByIPv4, .ip), (.ipv6, .ip6), (.carriedByIPv6, .ip6), (.arp, .arp), (.ethernet, .bridge):
      true
    default: false
    }
  }

  /// The requirements that are met if this one is.
  var consequences: [Requirement] {
    switch self {
    case .ipv4, .carriedByIPv4: [.ipv4, .carriedByIPv4]
    case .ipv6, .carriedByIPv6: [.ipv6, .carriedByIPv6]
    default: [self]
    }
  }

  /// Returns the expressions that check the requirement: those that nft(8) adds automatically.
  func expressions(in family: Family) -> [Expression] {
    switch (self, family) {
    case (.ipv4, .inet), (.carriedByIPv4, .inet): Self.check(.nfproto, [2])
    case (.ipv6, .inet), (.carriedByIPv6, .inet): Self.check(.nfproto, [10])
    case (.carriedByIPv4, .bridge): Self.checkFrame([0x08, 0x00])
    case (.carriedByIPv6, .bridge): Self.checkFrame([0x86, 0xdd])
    case (.ipv4, _), (.carriedByIPv4, _): Self.check(.protocol, [0x08, 0x00])
    case (.ipv6, _), (.carriedByIPv6, _): Self.check(.protocol, [0x86, 0xdd])
    case (.arp, .bridge): Self.checkFrame([0x08, 0x06])
    case (.arp, _): Self.check(.protocol, [0x08, 0x06])
    case (.ethernet, _): Self.check(.iiftype, Self.ethernetDevice)
    case (.transport(let number), _): Self.check(.l4proto, [number])
    }
  }

  /// ARPHRD_ETHER.
  private static let ethernetDevice = Datum.hostBytes(UInt16(1))

  private static func check(_ key: Meta.Key, _ value: [UInt8]) -> [Expression] {
    [Expression(.meta(Meta(key, .load(.first)))), .compare(.equal, value)]
  }

  private static func checkFrame(_ type: [UInt8]) -> [Expression] {
    [Field.etherType.load(into: .first), .compare(.equal, type)]
  }

  /// Returns the requirement that is met if the field has this value; nil if none is.
  static func established(by field: Field, equal value: [UInt8]) -> Requirement? {
    switch (field.source, value) {
    case (.meta(.nfproto), [2]): .ipv4
    case (.meta(.nfproto), [10]): .ipv6
    case (.meta(.protocol), [0x08, 0x00]), (Field.etherType.source, [0x08, 0x00]): .ipv4
    case (.meta(.protocol), [0x86, 0xdd]), (Field.etherType.source, [0x86, 0xdd]): .ipv6
    case (.meta(.protocol), [0x08, 0x06]), (Field.etherType.source, [0x08, 0x06]): .arp
    case (.meta(.iiftype), Self.ethernetDevice): .ethernet
    case (.meta(.l4proto), _) where value.count == 1: .transport(value[0])
    default: nil
    }
  }
}
