public import NetTypes

extension Network {
  /// fe80::1, the next hop of every guest with IPv6: an address of the bridge, and of each TAP if TAPs are routed. It
  /// does not depend on the prefix.
  public static let gateway6 = IPv6Address(rawValue: 0xfe80 << 112 | 1)
  /// In bytes. Links with a smaller MTU cannot have IPv6 (RFC 8200, 5).
  static let leastMTU6 = 1280

  /// The host's address in the guests' prefix, the first one: guests reach the services that host access allows there.
  public var hostAddress6: IPv6Address? { subnet6.map { IPv6Address(rawValue: $0.address.rawValue | 1) } }

  /// The guest's address: the prefix plus the EUI-64 of its MAC, as the guest's interface configures itself.
  public func address6(of mac: MACAddress) -> IPv6Address? { subnet6?.address(of: mac) }

  /// The prefix length that the guest treats as on-link: 128, so nothing, unless it reaches other guests on its link.
  var guestPrefixLength6: Int { mode == .bridge && settings.allowsInterVM ? 64 : 128 }
}

/// The IPv6 prefix requested for a network.
public enum Subnet6Request: Hashable, Sendable {
  /// A random unique local prefix (RFC 4193, 3.2).
  case automatic
  case prefix(IPv6Prefix)

  /// Parses `auto` or a /64 prefix without host bits.
  /// - Throws: `INVALID_SUBNET`.
  public init(parsing text: String) throws(TapestryError) {
    guard text != "auto" else {
      self = .automatic
      return
    }
    let written = try? IPv6Address(parsing: String(text.prefix { $0 != "/" }))
    guard let prefix = try? IPv6Prefix(parsing: text), prefix.address == written else {
      throw TapestryError(
        .invalidSubnet,
        "Invalid IPv6 subnet '\(text)': expected auto, or a prefix without host bits such as fd12:3456:789a::/64")
    }
    try Self.validate(prefix)
    self = .prefix(prefix)
  }

  /// - Throws: `INVALID_SUBNET` for a prefix that is not a /64, or not of routable unicast addresses.
  static func validate(_ prefix: IPv6Prefix) throws(TapestryError) {
    guard prefix.prefixLength == 64 else {
      throw TapestryError(
        .invalidSubnet,
        "Invalid IPv6 subnet '\(prefix)': expected a /64, in which guests derive their addresses from their MACs")
    }
    guard prefix.address.isUniqueLocal || prefix.address.rawValue >> 125 == 1 else {
      throw TapestryError(
        .invalidSubnet,
        "Invalid IPv6 subnet '\(prefix)': expected global (2000::/3) or unique local (fc00::/7) addresses")
    }
  }
}

extension IPv6Prefix {
  /// The byte fd, a random 40-bit global ID, and subnet ID 0 (RFC 4193, 3.2).
  static func randomUniqueLocal(using generator: inout some RandomNumberGenerator) -> IPv6Prefix {
    let globalID = UInt128(UInt64.random(in: 0..<(1 << 40), using: &generator))
    return IPv6Prefix(known: IPv6Address(rawValue: 0xfd << 120 | globalID << 80), prefixLength: 64)
  }
}
