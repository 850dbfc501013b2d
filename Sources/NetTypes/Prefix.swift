/// A prefix of any length, `0.0.0.0/0` to `a.b.c.d/32` or `::/0` to `a::b/128`: the destination of a route, or one host.
public struct Prefix<Address: InternetAddress>: Hashable, Sendable {
  /// The lowest address: all bits after the prefix are zero.
  public let address: Address
  /// In bits: 0–32, or 0–128.
  public let prefixLength: Int

  /// The prefix of this length that contains `address`. Host bits are dropped.
  /// - Throws: `AddressError` of kind `.ipv4Prefix` or `.ipv6Prefix` if the family has no prefix of this length.
  public init(containing address: Address, prefixLength: Int) throws(AddressError) {
    guard Self.lengths ~= prefixLength else { throw AddressError(Self.kind, "\(address)/\(prefixLength)") }
    self.init(masking: address, prefixLength: prefixLength)
  }

  /// The prefix that contains `host` alone.
  public init(host: Address) {
    self.init(known: host, prefixLength: Address.Bits.bitWidth)
  }

  /// - Parameter prefixLength: one that the family has.
  init(masking address: Address, prefixLength: Int) {
    self.init(known: Address(rawValue: address.rawValue & Self.mask(prefixLength)), prefixLength: prefixLength)
  }

  /// - Parameter address: without host bits.
  package init(known address: Address, prefixLength: Int) {
    self.address = address
    self.prefixLength = prefixLength
  }

  private static var lengths: ClosedRange<Int> { 0...Address.Bits.bitWidth }

  private static var kind: AddressError.Kind {
    switch Address.family {
    case .v4: .ipv4Prefix
    case .v6: .ipv6Prefix
    }
  }

  static func mask(_ prefixLength: Int) -> Address.Bits { .max << (Address.Bits.bitWidth - prefixLength) }

  /// The highest address: all bits after the prefix are one.
  public var lastAddress: Address { Address(rawValue: address.rawValue | ~Self.mask(prefixLength)) }
}

/// A prefix of IPv4.
public typealias IPv4Prefix = Prefix<IPv4Address>
/// A prefix of IPv6.
public typealias IPv6Prefix = Prefix<IPv6Address>

extension IPv4Prefix {
  /// The mask in dotted-quad form: 255.255.255.0 for a length of 24.
  public var subnetMask: IPv4Address { IPv4Address(rawValue: Self.mask(prefixLength)) }

  /// Whether an address is in both.
  public func overlaps(_ other: IPv4Subnet) -> Bool { overlaps(other.prefix) }
}

// MARK: - Relations

extension Prefix {
  /// Whether `other` is in the prefix. Network, broadcast and subnet-router anycast addresses are.
  public func contains(_ other: Address) -> Bool {
    other.rawValue & Self.mask(prefixLength) == address.rawValue
  }

  /// Whether every address of `other` is in the prefix.
  public func contains(_ other: Self) -> Bool {
    prefixLength <= other.prefixLength && contains(other.address)
  }

  /// Whether an address is in both. One of the two then contains the other.
  public func overlaps(_ other: Self) -> Bool {
    contains(other) || other.contains(self)
  }

  /// The two halves of the prefix; nil for a single address.
  public var halves: (low: Self, high: Self)? {
    guard prefixLength < Address.Bits.bitWidth else { return nil }
    let middle = address.rawValue | 1 << Address.Bits(Address.Bits.bitWidth - 1 - prefixLength)
    return (
      Self(known: address, prefixLength: prefixLength + 1),
      Self(known: Address(rawValue: middle), prefixLength: prefixLength + 1)
    )
  }
}

// MARK: - Text

extension Prefix: CustomStringConvertible {
  /// Reads CIDR notation (RFC 4632; RFC 4291, 2.3). Host bits are dropped: `10.1.2.3/8` is 10.0.0.0/8.
  /// - Throws: `AddressError` of kind `.ipv4Prefix` or `.ipv6Prefix`, or of the address's kind if only that is wrong.
  public init(parsing text: String) throws(AddressError) {
    guard let cidr = CIDRText(text, prefixLengths: Self.lengths) else { throw AddressError(Self.kind, text) }
    self.init(masking: try Address(parsing: cidr.address), prefixLength: cidr.prefixLength)
  }

  /// CIDR notation: `10.0.0.0/8`, `2001:db8::/32`.
  public var description: String { "\(address)/\(prefixLength)" }
}

extension Prefix: Comparable {
  /// By address, then the shorter prefix first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.address, left.prefixLength) < (right.address, right.prefixLength)
  }
}

extension Prefix: Codable {
  /// Decodes CIDR notation from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString(Self.init(parsing:))
  }

  /// Encodes CIDR notation as a single string.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }
}
