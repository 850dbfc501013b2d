import Glibc

/// An address family (AF_), the first byte of every rtnetlink message.
public struct AddressFamily: RawRepresentable, Hashable, Sendable {
  /// The AF_ number.
  public var rawValue: UInt8

  /// The family with this AF_ number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// AF_UNSPEC: in a query, all families.
  public static let unspecified = AddressFamily(rawValue: UInt8(AF_UNSPEC))
  /// AF_INET: IPv4.
  public static let inet = AddressFamily(rawValue: UInt8(AF_INET))
  /// AF_INET6: IPv6.
  public static let inet6 = AddressFamily(rawValue: UInt8(AF_INET6))
  /// AF_BRIDGE: bridge forwarding databases.
  public static let bridge = AddressFamily(rawValue: UInt8(AF_BRIDGE))
}
