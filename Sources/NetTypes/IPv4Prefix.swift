/// An IPv4 prefix of any length, `0.0.0.0/0` to `a.b.c.d/32`: the destination of a route, or one host.
public struct IPv4Prefix: Hashable, Sendable {
  /// The lowest address; all bits after the prefix are zero.
  public let address: IPv4Address
  /// The number of leading bits that addresses within share, 0–32.
  public let prefixLength: Int

  /// The prefix of this length that `address` is in; its host bits are dropped.
  /// - Throws: `AddressError` of kind `.ipv4Prefix` unless `prefixLength` is 0–32.
  public init(containing address: IPv4Address, prefixLength: Int) throws(AddressError) {
    guard 0...32 ~= prefixLength else { throw AddressError(.ipv4Prefix, "\(address)/\(prefixLength)") }
    self.init(masking: address, prefixLength: prefixLength)
  }

  /// The prefix that holds only `host`, of length 32.
  public init(host: IPv4Address) {
    self.init(masking: host, prefixLength: 32)
  }

  /// `prefixLength` must be known to be 0–32.
  init(masking address: IPv4Address, prefixLength: Int) {
    self.address = IPv4Address(rawValue: address.rawValue & Self.mask(prefixLength))
    self.prefixLength = prefixLength
  }

  private static func mask(_ prefixLength: Int) -> UInt32 {
    UInt32.max << (32 - prefixLength)
  }

  /// The mask in dotted-quad form: 255.255.255.0 for a length of 24.
  public var subnetMask: IPv4Address { IPv4Address(rawValue: Self.mask(prefixLength)) }

  /// The highest address: all bits after the prefix are one.
  public var lastAddress: IPv4Address { IPv4Address(rawValue: address.rawValue | ~Self.mask(prefixLength)) }
}

// MARK: - Relations

extension IPv4Prefix {
  /// Whether `other` is within the prefix, network and broadcast addresses included.
  public func contains(_ other: IPv4Address) -> Bool {
    other.rawValue & Self.mask(prefixLength) == address.rawValue
  }

  /// Whether every address of `other` is within the prefix.
  public func contains(_ other: IPv4Prefix) -> Bool {
    prefixLength <= other.prefixLength && contains(other.address)
  }

  /// Whether there is an address within both; one of the two then contains the other.
  public func overlaps(_ other: IPv4Prefix) -> Bool {
    contains(other) || other.contains(self)
  }

  /// Whether there is an address within both.
  public func overlaps(_ other: IPv4Subnet) -> Bool {
    overlaps(other.prefix)
  }
}

// MARK: - Text

extension IPv4Prefix: CustomStringConvertible {
  /// The prefix written in CIDR notation (RFC 4632), with length 0–32. Host bits are dropped: `10.1.2.3/8` is 10.0.0.0/8.
  /// - Throws: `AddressError` of kind `.ipv4Prefix`, or `.ipv4Address` when only the address is wrong.
  public init(parsing text: String) throws(AddressError) {
    guard let cidr = CIDRText(text, prefixLengths: 0...32) else { throw AddressError(.ipv4Prefix, text) }
    self.init(masking: try IPv4Address(parsing: cidr.address), prefixLength: cidr.prefixLength)
  }

  /// CIDR notation: `10.0.0.0/8`.
  public var description: String { "\(address)/\(prefixLength)" }
}

extension IPv4Prefix: Comparable {
  /// By address; at the same address the wider prefix comes first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.address, left.prefixLength) < (right.address, right.prefixLength)
  }
}

extension IPv4Prefix: Codable {
  /// Decodes CIDR notation from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString(Self.init(parsing:))
  }

  /// Encodes CIDR notation as a single string.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }
}
