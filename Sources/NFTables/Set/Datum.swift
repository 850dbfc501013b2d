public import NetTypes
import Netlink

/// A value of a data type: a key, a part of one, or what a packet's field is compared with.
public struct Datum: Hashable, Sendable {
  public var type: DataType
  /// As the kernel holds them, in the type's byte order, without padding.
  public var bytes: [UInt8]

  /// A value of any type. The kernel refuses one whose size is not the type's.
  public init(_ type: DataType, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  /// A number with the bytes that it takes within a concatenation.
  var padded: Datum {
    guard type.isInteger, type.paddedSize > bytes.count else { return self }
    return .integer(bytes + [UInt8](repeating: 0, count: type.paddedSize - bytes.count))
  }

  public static func interface(_ name: InterfaceName) -> Datum {
    var bytes = Array(name.rawValue.utf8)
    bytes.append(contentsOf: repeatElement(0, count: DataType.interfaceName.size - bytes.count))
    return Datum(.interfaceName, bytes: bytes)
  }

  public static func ipv4(_ address: IPv4Address) -> Datum { Datum(.ipv4Address, bytes: address.bytes) }
  public static func ipv6(_ address: IPv6Address) -> Datum { Datum(.ipv6Address, bytes: address.bytes) }
  public static func ether(_ address: MACAddress) -> Datum { Datum(.etherAddress, bytes: address.octets) }
  /// A port, in host byte order.
  public static func port(_ number: UInt16) -> Datum { Datum(.inetService, bytes: bigEndianBytes(number)) }
  /// A number that nft calls an integer, in host byte order.
  public static func number(_ value: some FixedWidthInteger) -> Datum { integer(bigEndianBytes(value)) }
  /// The same, of any size.
  public static func integer(_ bytes: [UInt8]) -> Datum { Datum(.integer(bytes.count), bytes: bytes) }
  /// A mark, in host byte order.
  public static func mark(_ value: UInt32) -> Datum { Datum(.mark, host: value) }

  /// A protocol over IP, by its IANA number.
  public static func inetProtocol(_ number: UInt8) -> Datum { Datum(.inetProtocol, bytes: [number]) }
  public static let icmp = inetProtocol(1)
  public static let tcp = inetProtocol(6)
  public static let udp = inetProtocol(17)
  public static let icmpv6 = inetProtocol(58)

  /// An interface group (IFLA_GROUP).
  public static func deviceGroup(_ number: UInt32) -> Datum { Datum(.deviceGroup, host: number) }

  /// An ICMP type, by its IANA number.
  public static func icmpType(_ number: UInt8) -> Datum { Datum(.icmpType, bytes: [number]) }

  /// An ICMPv6 type, by its IANA number.
  public static func icmpv6Type(_ number: UInt8) -> Datum { Datum(.icmpv6Type, bytes: [number]) }

  public static func boolean(_ value: Bool) -> Datum { Datum(.boolean, bytes: [value ? 1 : 0]) }

  /// AF_INET, of `meta nfproto`.
  public static let ipv4 = Datum(.nfproto, bytes: [2])
  /// AF_INET6, of `meta nfproto`.
  public static let ipv6 = Datum(.nfproto, bytes: [10])

  /// The payload of a frame, by its IEEE number in host byte order.
  public static func etherType(_ number: UInt16) -> Datum { Datum(.etherType, bytes: bigEndianBytes(number)) }

  /// A value of a type that is kept in host byte order.
  init(_ type: DataType, host value: some FixedWidthInteger) {
    self.init(type, bytes: Self.hostBytes(value))
  }

  static func hostBytes(_ value: some FixedWidthInteger) -> [UInt8] {
    var buffer = MessageBuffer(reservingCapacity: 8)
    buffer.append(value)
    return buffer.bytes
  }

  static func bigEndianBytes(_ value: some FixedWidthInteger) -> [UInt8] { hostBytes(value.bigEndian) }
}

// MARK: - Concatenations

extension [Datum] {
  /// The bytes of a key or of a map's data: each part of a concatenation is padded to four, a value alone is not.
  var keyBytes: [UInt8] {
    if count == 1 { return self[0].bytes }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(reduce(0) { $0 + $1.bytes.count + 3 })
    for datum in self {
      bytes.append(contentsOf: datum.bytes)
      while bytes.count % 4 != 0 { bytes.append(0) }
    }
    return bytes
  }

  /// Takes a key of these types apart.
  init(keyBytes bytes: [UInt8], _ types: [DataType]) throws(DecodingFailure) {
    guard bytes.count == types.valueSize else {
      throw DecodingFailure("\(bytes.count) bytes where a value of \(types.text) was expected")
    }
    self = []
    var rest = bytes[...]
    for type in types {
      append(Datum(type, bytes: [UInt8](rest.prefix(type.size))))
      rest = rest.dropFirst(type.paddedSize)
    }
  }

  /// `"tap0" . 192.0.2.1`.
  var text: String { map(\.description).joined(separator: " . ") }
}
