/// A subnet that guests share: an IPv4 prefix of length 1–30, so that it has room for a gateway and a guest.
///
/// The first address after the network address is the gateway's; those from the second to the last before the
/// broadcast address are for guests.
public struct IPv4Subnet: Hashable, Sendable {
  /// The subnet as a plain prefix.
  public let prefix: IPv4Prefix

  /// The subnet of this length that `address` is in; its host bits are dropped.
  /// - Throws: `AddressError` of kind `.ipv4Subnet` unless `prefixLength` is 1–30.
  public init(containing address: IPv4Address, prefixLength: Int) throws(AddressError) {
    guard Self.prefixLengths ~= prefixLength else {
      throw AddressError(.ipv4Subnet, "\(address)/\(prefixLength)")
    }
    prefix = IPv4Prefix(masking: address, prefixLength: prefixLength)
  }

  private static let prefixLengths = 1...30

  /// The lowest address, which names the subnet and belongs to no host.
  public var networkAddress: IPv4Address { prefix.address }

  /// The number of leading bits that all addresses share, 1–30.
  public var prefixLength: Int { prefix.prefixLength }

  /// The mask in dotted-quad form: 255.255.255.0 for a length of 24.
  public var subnetMask: IPv4Address { prefix.subnetMask }

  /// The host's own address in the subnet, network + 1.
  public var gateway: IPv4Address { IPv4Address(rawValue: networkAddress.rawValue + 1) }

  /// The lowest address for a guest, network + 2.
  public var firstGuest: IPv4Address { IPv4Address(rawValue: networkAddress.rawValue + 2) }

  /// The highest address for a guest, broadcast − 1.
  public var lastGuest: IPv4Address { IPv4Address(rawValue: broadcast.rawValue - 1) }

  /// The highest address, which reaches all hosts.
  public var broadcast: IPv4Address { prefix.lastAddress }

  /// How many guests have room, at least 1.
  public var guestCount: Int { Int(lastGuest.rawValue - firstGuest.rawValue) + 1 }
}

// MARK: - Relations

extension IPv4Subnet {
  /// Whether `address` is within the subnet: the network, gateway and broadcast addresses are too.
  public func contains(_ address: IPv4Address) -> Bool {
    prefix.contains(address)
  }

  /// Whether `address` is one that a guest may have.
  public func isGuest(_ address: IPv4Address) -> Bool {
    firstGuest <= address && address <= lastGuest
  }

  /// Whether there is an address within both.
  public func overlaps(_ other: IPv4Subnet) -> Bool {
    prefix.overlaps(other.prefix)
  }

  /// Whether there is an address within both.
  public func overlaps(_ other: IPv4Prefix) -> Bool {
    prefix.overlaps(other)
  }
}

// MARK: - Text

extension IPv4Subnet: CustomStringConvertible {
  /// The subnet written in CIDR notation (RFC 4632), with length 1–30. Host bits are dropped: `192.168.1.77/24` is
  /// 192.168.1.0/24.
  /// - Throws: `AddressError` of kind `.ipv4Subnet`, or `.ipv4Address` when only the address is wrong.
  public init(parsing text: String) throws(AddressError) {
    guard let cidr = CIDRText(text, prefixLengths: Self.prefixLengths) else { throw AddressError(.ipv4Subnet, text) }
    prefix = IPv4Prefix(masking: try IPv4Address(parsing: cidr.address), prefixLength: cidr.prefixLength)
  }

  /// CIDR notation: `172.30.0.0/24`.
  public var description: String { prefix.description }
}

extension IPv4Subnet: Comparable {
  /// By network address; at the same address the wider subnet comes first.
  public static func < (left: Self, right: Self) -> Bool { left.prefix < right.prefix }
}

extension IPv4Subnet: Codable {
  /// Decodes CIDR notation from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString(Self.init(parsing:))
  }

  /// Encodes CIDR notation as a single string.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }
}
