/// A version of the Internet Protocol, that of an address.
public enum IPFamily: Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// IPv4 (RFC 791), and IPv6 (RFC 8200).
  case v4, v6

  /// The bytes of an address: 4 or 16.
  public var addressBytes: Int { self == .v4 ? 4 : 16 }

  /// `IPv4` or `IPv6`.
  public var description: String { self == .v4 ? "IPv4" : "IPv6" }
}
