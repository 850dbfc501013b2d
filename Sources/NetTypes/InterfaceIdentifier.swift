// The addresses that an interface makes of its MAC: the modified EUI-64 of RFC 4291, appendix A.

extension MACAddress {
  /// The lower half of such addresses, in host byte order.
  fileprivate var interfaceIdentifier: UInt64 {
    let high = rawValue >> 24 ^ 0x02_0000
    return high << 40 | 0xff_fe00_0000 | rawValue & 0xff_ffff
  }
}

extension IPv6Prefix {
  /// The address that an interface with this MAC makes itself in a prefix of 64 bits (RFC 4862, 5.5.3); nil in one of
  /// another length.
  public func address(of mac: MACAddress) -> IPv6Address? {
    guard prefixLength == 64 else { return nil }
    return IPv6Address(rawValue: address.rawValue | UInt128(mac.interfaceIdentifier))
  }
}

extension IPv6Address {
  /// The link-local address that an interface with this MAC makes itself (RFC 4862, 5.3).
  public static func linkLocal(of mac: MACAddress) -> IPv6Address {
    IPv6Address(rawValue: 0xfe80 << 112 | UInt128(mac.interfaceIdentifier))
  }
}
