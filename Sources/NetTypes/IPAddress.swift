/// An address of either family.
public enum IPAddress: Hashable, Sendable, CustomStringConvertible {
  case v4(IPv4Address)
  case v6(IPv6Address)

  /// The bits of an address of this family: 32 or 128.
  public var bitWidth: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// In network byte order: four or sixteen.
  public var bytes: [UInt8] {
    switch self {
    case .v4(let address): address.bytes
    case .v6(let address): address.bytes
    }
  }

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

extension IPAddress: Comparable {
  /// Those of IPv4 first; numeric within a family.
  public static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.v4(let left), .v4(let right)): left < right
    case (.v6(let left), .v6(let right)): left < right
    case (.v4, .v6): true
    case (.v6, .v4): false
    }
  }
}
