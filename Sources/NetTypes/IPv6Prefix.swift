/// An IPv6 prefix of any length, `::/0` to `a::b/128`: the destination of a route, or one host.
public struct IPv6Prefix: Hashable, Sendable {
  /// The lowest address; all bits after the prefix are zero.
  public let address: IPv6Address
  /// The number of leading bits that addresses within share, 0–128.
  public let prefixLength: Int

  /// The prefix of this length that `address` is in; its host bits are dropped.
  /// - Throws: `AddressError` of kind `.ipv6Prefix` unless `prefixLength` is 0–128.
  public init(containing address: IPv6Address, prefixLength: Int) throws(AddressError) {
    guard 0...128 ~= prefixLength else { throw AddressError(.ipv6Prefix, "\(address)/\(prefixLength)") }
    self.init(masking: address, prefixLength: prefixLength)
  }

  /// The prefix that holds only `host`, of length 128.
  public init(host: IPv6Address) {
    self.init(masking: host, prefixLength: 128)
  }

  /// `prefixLength` must be known to be 0–128.
  init(masking address: IPv6Address, prefixLength: Int) {
    self.address = IPv6Address(rawValue: address.rawValue & Self.mask(prefixLength))
    self.prefixLength = prefixLength
  }

  private static func mask(_ prefixLength: Int) -> UInt128 {
    UInt128.max << (128 - prefixLength)
  }

  /// The highest address: all bits after the prefix are one.
  public var lastAddress: IPv6Address { IPv6Address(rawValue: address.rawValue | ~Self.mask(prefixLength)) }
}

// MARK: - Relations

extension IPv6Prefix {
  /// Whether `other` is within the prefix, the subnet-router anycast address included.
  public func contains(_ other: IPv6Address) -> Bool {
    other.rawValue & Self.mask(prefixLength) == address.rawValue
  }

  /// Whether every address of `other` is within the prefix.
  public func contains(_ other: IPv6Prefix) -> Bool {
    prefixLength <= other.prefixLength && contains(other.address)
  }

  /// Whether there is an address within both; one of the two then contains the other.
  public func overlaps(_ other: IPv6Prefix) -> Bool {
    contains(other) || other.contains(self)
  }
}

// MARK: - Text

extension IPv6Prefix: CustomStringConvertible {
  /// The prefix written in CIDR notation (RFC 4291, 2.3), with length 0–128. Host bits are dropped: `2001:db8::1/32` is
  /// 2001:db8::/32.
  /// - Throws: `AddressError` of kind `.ipv6Prefix`, or `.ipv6Address` when only the address is wrong.
  public init(parsing text: String) throws(AddressError) {
    guard let cidr = CIDRText(text, prefixLengths: 0...128) else { throw AddressError(.ipv6Prefix, text) }
    self.init(masking: try IPv6Address(parsing: cidr.address), prefixLength: cidr.prefixLength)
  }

  /// CIDR notation: `2001:db8::/32`.
  public var description: String { "\(address)/\(prefixLength)" }
}

extension IPv6Prefix: Comparable {
  /// By address; at the same address the wider prefix comes first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.address, left.prefixLength) < (right.address, right.prefixLength)
  }
}

extension IPv6Prefix: Codable {
  /// Decodes CIDR notation from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString(Self.init(parsing:))
  }

  /// Encodes CIDR notation as a single string.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }
}
