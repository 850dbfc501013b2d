/// An IPv6 address (RFC 4291), without a zone.
public struct IPv6Address: Hashable, Sendable {
  // In halves: whatever holds an address would have to be aligned to 16 bytes otherwise, which the compiler (6.3) does not
  // always see to on the stack.
  private let high: UInt64
  private let low: UInt64

  /// The address as a number in host byte order: ::1 is 1.
  public var rawValue: UInt128 { UInt128(high) << 64 | UInt128(low) }

  /// The address with this number, in host byte order.
  public init(rawValue: UInt128) {
    high = UInt64(truncatingIfNeeded: rawValue >> 64)
    low = UInt64(truncatingIfNeeded: rawValue)
  }

  /// The address with these sixteen bytes in network byte order, as in a packet or a netlink attribute; `nil` unless
  /// there are exactly sixteen.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 16 else { return nil }
    self.init(rawValue: UInt128(networkOrder: bytes))
  }

  /// The IPv4-mapped address `::ffff:a.b.c.d` (RFC 4291, 2.5.5.2).
  public init(mapping address: IPv4Address) {
    self.init(rawValue: 0xffff << 32 | UInt128(address.rawValue))
  }

  /// The sixteen bytes in network byte order.
  public var bytes: [UInt8] {
    stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: rawValue >> $0) }
  }
}

// MARK: - What kind of address

extension IPv6Address {
  /// `::` (RFC 4291, 2.5.2).
  public var isUnspecified: Bool { rawValue == 0 }

  /// `::1` (RFC 4291, 2.5.3).
  public var isLoopback: Bool { rawValue == 1 }

  /// In fe80::/10 (RFC 4291, 2.4).
  public var isLinkLocal: Bool { rawValue >> 118 == 0x3fa }

  /// In fc00::/7, unique local (RFC 4193).
  public var isUniqueLocal: Bool { rawValue >> 121 == 0x7e }

  /// In ff00::/8 (RFC 4291, 2.7).
  public var isMulticast: Bool { rawValue >> 120 == 0xff }

  /// The IPv4 address of an IPv4-mapped one, ::ffff:0:0/96 (RFC 4291, 2.5.5.2); otherwise `nil`.
  public var mappedIPv4Address: IPv4Address? {
    rawValue >> 32 == 0xffff ? IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue)) : nil
  }
}
