/// An address of one family: `IPv4Address` or `IPv6Address`. What depends on no more than its bits is written once.
public protocol InternetAddress: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger

  static var family: IPFamily { get }

  /// The address as a number in host byte order.
  var rawValue: Bits { get }

  /// The address with this number, in host byte order.
  init(rawValue: Bits)

  /// Bytes in network byte order; nil for another number of them than an address has.
  init?(bytes: some Collection<UInt8>)

  /// - Throws: `AddressError`.
  init(parsing text: String) throws(AddressError)

  /// In network byte order.
  var bytes: [UInt8] { get }
}

extension IPv4Address: InternetAddress {
  /// `.v4`.
  public static var family: IPFamily { .v4 }
}

extension IPv6Address: InternetAddress {
  /// `.v6`.
  public static var family: IPFamily { .v6 }
}

extension InternetAddress {
  /// Decodes the address from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString(Self.init(parsing:))
  }

  /// Encodes the address as a single string: a dotted quad, or the form of RFC 5952.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }

  /// Numeric order: 9.0.0.0 comes before 10.0.0.0.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension FixedWidthInteger {
  /// The number whose bytes these are, the highest first. There are no more of them than the type has.
  init(networkOrder bytes: some Collection<UInt8>) {
    self = 0
    for byte in bytes { self = self << 8 | Self(byte) }
  }
}
