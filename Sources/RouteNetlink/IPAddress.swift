public import NetTypes
import Netlink

extension IPAddress {
  /// AF_INET or AF_INET6.
  public var family: AddressFamily {
    switch self {
    case .v4: .inet
    case .v6: .inet6
    }
  }
}

extension IPPrefix {
  /// AF_INET or AF_INET6.
  public var family: AddressFamily { address.family }

  /// True for 0.0.0.0/0 and ::/0.
  public var isDefault: Bool { prefixLength == 0 }

  /// Builds a prefix from an address and a length. The kernel omits the address if all its bits are zero.
  init(family: AddressFamily, address: IPAddress?, prefixLength: Int) throws(DecodingFailure) {
    let addresses = address.map { [$0] } ?? IPFamily.allCases.map { IPAddress($0, number: 0) }
    guard let address = addresses.first(where: { $0.family == family }),
      let prefix = try? IPPrefix(containing: address, prefixLength: prefixLength)
    else {
      throw DecodingFailure("a prefix of length \(prefixLength) in family \(family.rawValue)")
    }
    self = prefix
  }
}

extension RawSpan {
  /// Reads an attribute with an address of `family`.
  func address(_ family: AddressFamily) throws(DecodingFailure) -> IPAddress {
    switch family {
    case .inet: .v4(try ipv4Address())
    case .inet6: .v6(IPv6Address(rawValue: UInt128(bigEndian: try exactly())))
    default: throw DecodingFailure("an address of family \(family.rawValue)")
    }
  }

  /// Reads an attribute with an IPv4 address.
  func ipv4Address() throws(DecodingFailure) -> IPv4Address {
    IPv4Address(rawValue: UInt32(bigEndian: try exactly()))
  }

  /// Reads an attribute with a byte that is 0 or 1.
  func boolean() throws(DecodingFailure) -> Bool { try exactly(UInt8.self) != 0 }

  /// Calls `body` with each attribute after a header of this size, which must be whole.
  func forEachAttribute(
    after header: Int, _ body: (UInt16, RawSpan) throws(DecodingFailure) -> Void
  ) throws(DecodingFailure) {
    guard header <= byteCount else {
      throw DecodingFailure("\(byteCount) bytes where a header of \(header) was expected")
    }
    try forEachAttribute(from: header, body)
  }

  func rawAttribute(_ type: UInt16) -> RawAttribute { RawAttribute(type: type, payload: array) }
}

extension MessageBuffer {
  mutating func attribute(_ type: some BinaryInteger, _ address: IPAddress) {
    attribute(type, bytes: address.bytes)
  }

  mutating func attribute(_ type: some BinaryInteger, _ value: Bool) {
    attribute(type, value ? UInt8(1) : 0)
  }

  mutating func attributes(_ attributes: [RawAttribute]) {
    for one in attributes { attribute(one.type, bytes: one.payload) }
  }
}
