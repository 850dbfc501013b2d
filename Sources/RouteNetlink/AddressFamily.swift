import Glibc

/// A protocol family, as the first byte of every rtnetlink message: AF_INET and its like.
public struct AddressFamily: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// AF_UNSPEC: in a query, all families.
  public static let unspecified = AddressFamily(rawValue: UInt8(AF_UNSPEC))
  /// AF_INET: IPv4.
  public static let inet = AddressFamily(rawValue: UInt8(AF_INET))
  /// AF_INET6: IPv6.
  public static let inet6 = AddressFamily(rawValue: UInt8(AF_INET6))
  /// AF_BRIDGE: forwarding databases.
  public static let bridge = AddressFamily(rawValue: UInt8(AF_BRIDGE))
}
