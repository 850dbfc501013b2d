public import NetTypes
import Netlink

/// A value of a data type: a key, a part of a key, or the value that a packet's field is compared with.
public struct Datum: Hashable, Sendable {
  /// The type of the value.
  public var type: DataType
  /// The bytes as the kernel stores them: in the type's byte order, without padding.
  public var bytes: [UInt8]

  /// A value of any type. The kernel refuses a value whose size is not that of its type.
  public init(_ type: DataType, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }

  /// An integer with the padding that it has within a concatenation.
  var padded: Datum {
    guard type.isInteger, type.paddedSize > bytes.count else { return self }
    return .integer(bytes + [UInt8](repeating: 0, count: type.paddedSize - bytes.count))
  }

  /// An interface name.
  public static func interface(_ name: InterfaceName) -> Datum {
    var bytes = Array(name.rawValue.utf8)
    bytes.append(contentsOf: repeatElement(0, count: DataType.interfaceName.size - bytes.count))
    return Datum(.interfaceName, bytes: bytes)
  }

  /// An IPv4 address.
  public static func ipv4(_ address: IPv4Address) -> Datum { Datum(.ipv4Address, bytes: address.bytes) }
  /// An IPv6 address.
  public static func ipv6(_ address: IPv6Address) -> Datum { Datum(.ipv6Address, bytes: address.bytes) }
  /// A MAC address.
  public static func ether(_ address: MACAddress) -> Datum { Datum(.etherAddress, bytes: address.octets) }
  /// A port, in host byte order.
  public static func port(_ number: UInt16) -> Datum { Datum(.inetService, bytes: bigEndianBytes(number)) }
  /// An integer of nft(8), in host byte order.
  public static func number(_ value: some FixedWidthInteger) -> Datum { integer(bigEndianBytes(value)) }
  /// An integer of any size, in network byte order.
  public static func integer(_ bytes: [UInt8]) -> Datum { Datum(.integer(bytes.count), bytes: bytes) }
  /// A mark, in host byte order.
  public static func mark(_ value: UInt32) -> Datum { Datum(.mark, host: value) }

  /// A protocol over IP, by its IANA number.
  public static func inetProtocol(_ number: UInt8) -> Datum { Datum(.inetProtocol, bytes: [number]) }
  /// Protocol 1.
  public static let icmp = inetProtocol(1)
  /// Protocol 6.
  public static let tcp = inetProtocol(6)
  /// Protocol 17.
  public static let udp = inetProtocol(17)
  /// Protocol 58.
  public static let icmpv6 = inetProtocol(58)

  /// An interface group (IFLA_GROUP), in host byte order.
  public static func deviceGroup(_ number: UInt32) -> Datum { Datum(.deviceGroup, host: number) }

  /// An ICMP type, by its IANA number.
  public static func icmpType(_ number: UInt8) -> Datum { Datum(.icmpType, bytes: [number]) }

  /// An ICMPv6 type, by its IANA number.
  public static func icmpv6Type(_ number: UInt8) -> Datum { Datum(.icmpv6Type, bytes: [number]) }

  /// 1 for true, 0 for false.
  public static func boolean(_ value: Bool) -> Datum { Datum(.boolean, bytes: [value ? 1 : 0]) }

  /// AF_INET, for `meta nfproto`.
  public static let ipv4 = Datum(.nfproto, bytes: [2])
  /// AF_INET6, for `meta nfproto`.
  public static let ipv6 = Datum(.nfproto, bytes: [10])

  /// An EtherType, in host byte order.
  public static func etherType(_ number: UInt16) -> Datum { Datum(.etherType, bytes: bigEndianBytes(number)) }

  /// A value of a type whose byte order is that of the host.
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
  /// The bytes of a key or of a map's data. In a concatenation, each part is padded to four; a single value is not padded.
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

  /// Splits a key of these types.
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
