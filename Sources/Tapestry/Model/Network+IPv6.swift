public import NetTypes

extension Network {
  /// fe80::1, the next hop of every guest with IPv6: on the bridge, and on each TAP where TAPs are routed. It does not
  /// depend on the prefix.
  public static let gateway6 = IPv6Address(rawValue: 0xfe80 << 112 | 1)
  /// In bytes: links that take less have no IPv6 (RFC 8200, 5).
  static let leastMTU6 = 1280

  /// The host's own address in the guests' prefix, the first: there they reach what host access lets them.
  public var hostAddress6: IPv6Address? { subnet6.map { IPv6Address(rawValue: $0.address.rawValue | 1) } }

  /// The address of a guest: what its interface, whose MAC the host knows, makes of the prefix by itself.
  public func address6(of mac: MACAddress) -> IPv6Address? { subnet6?.address(of: mac) }

  /// What a guest takes to be on its own link: nothing, where it reaches no other guest there.
  var guestPrefixLength6: Int { mode == .bridge && allowsInterVM ? 64 : 128 }
}

/// The IPv6 prefix that a network is to have.
public enum Subnet6Request: Hashable, Sendable {
  /// A unique local one, drawn at random (RFC 4193, 3.2).
  case automatic
  case prefix(IPv6Prefix)
}

extension Subnet6Request {
  /// Reads `auto` or a prefix of 64 bits without host bits.
  /// - Throws: `INVALID_SUBNET`.
  public static func parse(_ text: String) throws(TapestryError) -> Subnet6Request {
    guard text != "auto" else { return .automatic }
    let written = try? IPv6Address(parsing: String(text.prefix { $0 != "/" }))
    guard let prefix = try? IPv6Prefix(parsing: text), prefix.address == written else {
      throw TapestryError(
        .invalidSubnet,
        "Invalid IPv6 subnet '\(text)': expected auto, or a prefix without host bits, as in fd12:3456:789a::/64")
    }
    try validate(prefix)
    return .prefix(prefix)
  }

  /// - Throws: `INVALID_SUBNET` for one that is not of 64 bits, or not of unicast addresses that are routed.
  static func validate(_ prefix: IPv6Prefix) throws(TapestryError) {
    guard prefix.prefixLength == 64 else {
      throw TapestryError(
        .invalidSubnet,
        "Invalid IPv6 subnet '\(prefix)': it has to be a /64, in which guests make addresses of their MACs")
    }
    guard prefix.address.isUniqueLocal || prefix.address.rawValue >> 125 == 1 else {
      throw TapestryError(
        .invalidSubnet,
        "Invalid IPv6 subnet '\(prefix)': expected global (2000::/3) or unique local (fc00::/7) addresses")
    }
  }
}

extension IPv6Prefix {
  /// fd, 40 random bits, and subnet 0 (RFC 4193, 3.2).
  static func randomUniqueLocal(using generator: inout some RandomNumberGenerator) -> IPv6Prefix {
    let globalID = UInt128(UInt64.random(in: 0..<(1 << 40), using: &generator))
    return IPv6Prefix(known: IPv6Address(rawValue: 0xfd << 120 | globalID << 80), prefixLength: 64)
  }
}
