/// A prefix of either family. One of IPv4 and one of IPv6 have nothing in common: 0.0.0.0/0 says nothing of IPv6.
public enum IPPrefix: Hashable, Sendable, CustomStringConvertible {
  /// An IPv4 prefix.
  case v4(IPv4Prefix)
  /// An IPv6 prefix.
  case v6(IPv6Prefix)

  /// A prefix of either family as one of both.
  public init<Address>(_ prefix: Prefix<Address>) {
    self.init(known: IPAddress(prefix.address), prefixLength: prefix.prefixLength)
  }

  /// The prefix that contains `host` alone.
  public init<Address: InternetAddress>(host: Address) { self = .host(IPAddress(host)) }

  /// The prefix that contains `host` alone.
  public static func host(_ host: IPAddress) -> IPPrefix { IPPrefix(known: host, prefixLength: host.bitWidth) }

  /// The prefix of this length that contains `address`. Host bits are dropped.
  /// - Throws: `AddressError` if the family has no prefix of this length.
  public init(containing address: IPAddress, prefixLength: Int) throws(AddressError) {
    switch address {
    case .v4(let address): self = .v4(try IPv4Prefix(containing: address, prefixLength: prefixLength))
    case .v6(let address): self = .v6(try IPv6Prefix(containing: address, prefixLength: prefixLength))
    }
  }

  /// - Parameter address: without host bits.
  package init(known address: IPAddress, prefixLength: Int) {
    switch address {
    case .v4(let address): self = .v4(IPv4Prefix(known: address, prefixLength: prefixLength))
    case .v6(let address): self = .v6(IPv6Prefix(known: address, prefixLength: prefixLength))
    }
  }

  /// The lowest address.
  public var address: IPAddress {
    switch self {
    case .v4(let prefix): .v4(prefix.address)
    case .v6(let prefix): .v6(prefix.address)
    }
  }

  /// The highest address.
  public var lastAddress: IPAddress {
    switch self {
    case .v4(let prefix): .v4(prefix.lastAddress)
    case .v6(let prefix): .v6(prefix.lastAddress)
    }
  }

  /// 0–32 or 0–128.
  public var prefixLength: Int {
    switch self {
    case .v4(let prefix): prefix.prefixLength
    case .v6(let prefix): prefix.prefixLength
    }
  }

  /// Whether it holds one address only.
  public var isHost: Bool { prefixLength == address.bitWidth }

  /// CIDR notation: `10.0.0.0/8`, `2001:db8::/32`.
  public var description: String { "\(address)/\(prefixLength)" }
}

// MARK: - Relations

extension IPPrefix {
  /// Whether `other` is within the prefix.
  public func contains(_ other: IPAddress) -> Bool { contains(.host(other)) }

  /// Whether every address of `other` is within the prefix.
  public func contains(_ other: IPPrefix) -> Bool {
    switch (self, other) {
    case (.v4(let prefix), .v4(let other)): prefix.contains(other)
    case (.v6(let prefix), .v6(let other)): prefix.contains(other)
    case (.v4, .v6), (.v6, .v4): false
    }
  }

  /// Whether there is an address within both; one of the two then contains the other.
  public func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }

  /// The two halves of the prefix; nil of one that holds one address only.
  public var halves: (low: IPPrefix, high: IPPrefix)? {
    switch self {
    case .v4(let prefix): prefix.halves.map { (.v4($0.low), .v4($0.high)) }
    case .v6(let prefix): prefix.halves.map { (.v6($0.low), .v6($0.high)) }
    }
  }
}

extension IPPrefix: Comparable {
  /// By address; at the same address the wider prefix comes first.
  public static func < (left: Self, right: Self) -> Bool {
    (left.address, left.prefixLength) < (right.address, right.prefixLength)
  }
}

// MARK: - Text

extension IPPrefix {
  /// The prefix written in CIDR notation, of IPv6 where there is a colon in it. Host bits are dropped.
  /// - Throws: `AddressError`, as `IPv4Prefix` and `IPv6Prefix` do.
  public init(parsing text: String) throws(AddressError) {
    self = text.contains(":") ? .v6(try IPv6Prefix(parsing: text)) : .v4(try IPv4Prefix(parsing: text))
  }
}
