extension IPPrefix {
  /// All addresses of a family: `0.0.0.0/0`, `::/0`.
  public static func everything(_ family: IPFamily) -> IPPrefix {
    switch family {
    case .v4: .v4(IPv4Prefix(masking: IPv4Address(rawValue: 0), prefixLength: 0))
    case .v6: .v6(IPv6Prefix(masking: IPv6Address(rawValue: 0), prefixLength: 0))
    }
  }

  /// The prefix that an address is in, by the bits of a mask; both are 4 or 16 bytes in network byte order. Host bits are
  /// dropped.
  ///
  /// `nil` for another number of bytes, and for a mask whose one bits do not all come first.
  public init?(bytes: [UInt8], mask: [UInt8]) {
    let length = mask.reduce(0) { $0 + $1.nonzeroBitCount }
    guard bytes.count == mask.count, mask == Self.mask(length, bytes: mask.count) else { return nil }
    if let address = IPv4Address(bytes: bytes) {
      self = .v4(IPv4Prefix(masking: address, prefixLength: length))
    } else if let address = IPv6Address(bytes: bytes) {
      self = .v6(IPv6Prefix(masking: address, prefixLength: length))
    } else {
      return nil
    }
  }

  /// As many bytes as an address has, in network byte order: one bits for the prefix, then zero bits.
  public var mask: [UInt8] { Self.mask(prefixLength, bytes: family.addressBytes) }

  /// The family of the prefix.
  public var family: IPFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }

  private static func mask(_ length: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: 0xff00 >> max(0, min(8, length - 8 * $0))) }
  }
}
