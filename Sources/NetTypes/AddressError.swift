/// Text, or a number, that is not the address, prefix or subnet it was given as.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected. More kinds may be added, so compare with `==` rather than switch over all of them.
  public struct Kind: Hashable, Sendable, CustomStringConvertible {
    /// The kind's name, as in the source.
    public let description: String

    /// Expected an `IPv4Address`; also thrown for the address part of an IPv4 prefix or subnet.
    public static let ipv4Address = Kind(description: "ipv4Address")
    /// Expected an `IPv4Prefix`.
    public static let ipv4Prefix = Kind(description: "ipv4Prefix")
    /// Expected an `IPv4Subnet` that has room for a gateway and guests.
    public static let ipv4Subnet = Kind(description: "ipv4Subnet")
    /// Expected an `IPv6Address`; also thrown for the address part of an IPv6 prefix.
    public static let ipv6Address = Kind(description: "ipv6Address")
    /// Expected an `IPv6Prefix`.
    public static let ipv6Prefix = Kind(description: "ipv6Prefix")
    /// Expected a `MACAddress`.
    public static let macAddress = Kind(description: "macAddress")
  }

  /// What was expected.
  public let kind: Kind
  /// What was found instead, unaltered: it may hold any character, control characters included.
  public let text: String

  init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }

  /// A sentence for the user, naming the refused text and what was expected.
  public var message: String {
    switch kind {
    case .ipv4Subnet: "Invalid subnet '\(text)': expected IPv4 CIDR with prefix length 1-30"
    case .ipv4Prefix: "Invalid IPv4 prefix '\(text)': expected IPv4 CIDR with prefix length 0-32"
    case .ipv6Address: "Invalid IPv6 address '\(text)'"
    case .ipv6Prefix: "Invalid IPv6 prefix '\(text)': expected IPv6 CIDR with prefix length 0-128"
    case .macAddress: "Invalid MAC address '\(text)': expected six two-digit hex octets separated by ':'"
    default: "Invalid IPv4 address '\(text)'"
    }
  }

  /// The `message`.
  public var description: String { message }
}
