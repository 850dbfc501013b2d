public import NetTypes

/// One part of a set's keys, as a Swift type: a single value, or a range of values, such as a prefix. A set with a range
/// among its parts has the flag `interval`.
public protocol SetKey: Sendable {
  /// The type of the values; the type itself for a single value.
  associatedtype Bound: SetValue

  /// The first and the last value, which are the same for a single value.
  var ends: (first: Bound, last: Bound) { get }
  /// Returns nil if no such part has these ends.
  init?(first: Bound, last: Bound)
}

/// A part of a key that is a single value.
public protocol SetValue: SetKey, Equatable where Bound == Self {
  /// The data type, in a set for addresses of this family.
  static func dataType(_ family: IPFamily) -> DataType

  /// As `Datum.bytes`: in the byte order of the data type.
  var keyBytes: [UInt8] { get }
  /// Returns nil if these bytes are no such value.
  init?(keyBytes: [UInt8])
}

extension SetKey {
  static var isRange: Bool { Bound.self != Self.self }
  static func keyType(_ family: IPFamily) -> DataType { Bound.dataType(family) }
}

extension SetValue {
  /// The value twice.
  public var ends: (first: Self, last: Self) { (self, self) }
  /// Returns nil for a range.
  public init?(first: Self, last: Self) {
    guard first == last else { return nil }
    self = first
  }
}

// MARK: - Values

extension InterfaceName: SetValue {
  /// `ifname`.
  public static func dataType(_: IPFamily) -> DataType { .interfaceName }
  /// With zeros behind the name.
  public var keyBytes: [UInt8] { Datum.interface(self).bytes }
  /// Returns nil for a prefix of names (`eth*`), among others.
  public init?(keyBytes: [UInt8]) {
    guard keyBytes.count == DataType.interfaceName.size, keyBytes.last == 0 else { return nil }
    try? self.init(parsing: String(decoding: keyBytes.prefix { $0 != 0 }, as: UTF8.self))
  }
}

extension MACAddress: SetValue {
  /// `ether_addr`.
  public static func dataType(_: IPFamily) -> DataType { .etherAddress }
  /// The octets.
  public var keyBytes: [UInt8] { octets }
  /// Returns nil unless there are six octets.
  public init?(keyBytes: [UInt8]) { self.init(bytes: keyBytes) }
}

extension InternetAddress where Self: SetValue {
  /// `ipv4_addr` or `ipv6_addr`.
  public static func dataType(_: IPFamily) -> DataType { .address(family) }
  /// In network byte order.
  public var keyBytes: [UInt8] { bytes }
  /// Returns nil for another number of bytes than an address has.
  public init?(keyBytes: [UInt8]) { self.init(bytes: keyBytes) }
}

extension IPv4Address: SetValue, MapValue {}
extension IPv6Address: SetValue {}

/// An address of the set's family.
extension IPAddress: SetValue {
  /// `ipv4_addr` or `ipv6_addr`.
  public static func dataType(_ family: IPFamily) -> DataType { .address(family) }
  /// In network byte order.
  public var keyBytes: [UInt8] { bytes }
  /// Returns nil unless there are four or sixteen bytes.
  public init?(keyBytes: [UInt8]) { self.init(bytes: keyBytes) }
}

/// A protocol over IP, by its IANA number.
extension UInt8: SetValue {
  /// `inet_proto`.
  public static func dataType(_: IPFamily) -> DataType { .inetProtocol }
}

/// A port, in host byte order.
extension UInt16: SetValue {
  /// `inet_service`.
  public static func dataType(_: IPFamily) -> DataType { .inetService }
}

extension FixedWidthInteger where Self: SetValue {
  /// In network byte order.
  public var keyBytes: [UInt8] { Datum.bigEndianBytes(self) }
  /// Returns nil for another number of bytes than the integer has.
  public init?(keyBytes: [UInt8]) {
    guard keyBytes.count * 8 == Self.bitWidth else { return nil }
    self = keyBytes.reduce(0) { $0 << 8 | Self($1) }
  }
}

// MARK: - Ranges

extension ClosedRange: SetKey where Bound: SetValue {
  /// The bounds.
  public var ends: (first: Bound, last: Bound) { (lowerBound, upperBound) }
  /// Returns nil if the last value is less than the first.
  public init?(first: Bound, last: Bound) {
    guard first <= last else { return nil }
    self = first...last
  }
}

/// All addresses of a prefix of the set's family.
extension IPPrefix: SetKey {
  /// The lowest and the highest address.
  public var ends: (first: IPAddress, last: IPAddress) { (address, lastAddress) }
  /// Returns nil if these addresses and those between them are no prefix.
  public init?(first: IPAddress, last: IPAddress) {
    // The bits of a prefix are those in which its first and its last address agree.
    self.init(bytes: first.bytes, mask: zip(first.bytes, last.bytes).map { ~($0 ^ $1) })
    guard ends == (first, last) else { return nil }
  }
}
