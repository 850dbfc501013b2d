/// An address of either family.
public enum IPAddress: Hashable, Sendable, CustomStringConvertible {
  /// An IPv4 address.
  case v4(IPv4Address)
  /// An IPv6 address.
  case v6(IPv6Address)

  /// An address of either family as one of both.
  public init<Address: InternetAddress>(_ address: Address) {
    switch Address.family {
    case .v4: self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: address.rawValue)))
    case .v6: self = .v6(IPv6Address(rawValue: UInt128(truncatingIfNeeded: address.rawValue)))
    }
  }

  /// Bytes in network byte order; nil unless there are four or sixteen.
  public init?(bytes: some Collection<UInt8>) {
    if let address = IPv4Address(bytes: bytes) {
      self = .v4(address)
    } else if let address = IPv6Address(bytes: bytes) {
      self = .v6(address)
    } else {
      return nil
    }
  }

  /// The family of the address.
  public var family: IPFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }

  /// As a number in host byte order.
  public var number: UInt128 {
    switch self {
    case .v4(let address): UInt128(address.rawValue)
    case .v6(let address): address.rawValue
    }
  }

  /// The address of a family with this number, in host byte order; higher bits are dropped.
  public init(_ family: IPFamily, number: UInt128) {
    switch family {
    case .v4: self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
    case .v6: self = .v6(IPv6Address(rawValue: number))
    }
  }

  /// The bits of an address of this family: 32 or 128.
  public var bitWidth: Int { family.addressBytes * 8 }

  /// In network byte order: four or sixteen.
  public var bytes: [UInt8] {
    switch self {
    case .v4(let address): address.bytes
    case .v6(let address): address.bytes
    }
  }

  /// A dotted quad, or the form of RFC 5952.
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }
}

extension IPAddress {
  /// The address, of IPv6 where there is a colon in it.
  /// - Throws: `AddressError`, as `IPv4Address` and `IPv6Address` do.
  public init(parsing text: String) throws(AddressError) {
    self = text.contains(":") ? .v6(try IPv6Address(parsing: text)) : .v4(try IPv4Address(parsing: text))
  }
}

/// Those of IPv4 come first. Numeric order within a family.
extension IPAddress: Comparable {}
