/// A version of the Internet Protocol, that of an address.
public enum IPFamily: Hashable, Sendable, CaseIterable, CustomStringConvertible {
  case v4, v6

  /// The bytes of an address: 4 or 16.
  public var addressBytes: Int {
    switch self {
    case .v4: 4
    case .v6: 16
    }
  }

  public var description: String {
    switch self {
    case .v4: "IPv4"
    case .v6: "IPv6"
    }
  }
}
