/// An Ethernet hardware address of 48 bits (IEEE 802 EUI-48).
public struct MACAddress: Hashable, Sendable {
  /// The address as a number below 2⁴⁸ in host byte order: 02:00:00:00:00:01 is `0x0200_0000_0001`.
  public let rawValue: UInt64

  /// The address with this number, in host byte order; `nil` from 2⁴⁸ upwards.
  public init?(rawValue: UInt64) {
    guard rawValue >> 48 == 0 else { return nil }
    self.rawValue = rawValue
  }

  /// The address `a:b:c:d:e:f`.
  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, _ f: UInt8) {
    let high = UInt64(a) << 40 | UInt64(b) << 32 | UInt64(c) << 24
    rawValue = high | UInt64(d) << 16 | UInt64(e) << 8 | UInt64(f)
  }

  /// The address with these six bytes in the order they are sent, as in a frame or a netlink attribute; `nil` unless
  /// there are exactly six.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 6 else { return nil }
    rawValue = UInt64(networkOrder: bytes)
  }

  /// The six octets in the order they are written and sent.
  public var octets: [UInt8] {
    stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: rawValue >> $0) }
  }
}

// MARK: - What kind of address

extension MACAddress {
  /// Whether the group bit is set: no interface can have this address as its own. The broadcast address has it too.
  public var isMulticast: Bool { rawValue >> 40 & 0x01 != 0 }

  /// Whether the local bit is set: chosen by software, not by a vendor.
  public var isLocallyAdministered: Bool { rawValue >> 40 & 0x02 != 0 }

  /// 00:00:00:00:00:00, which no interface can have as its own.
  public var isZero: Bool { rawValue == 0 }
}

// MARK: - Text

extension MACAddress: CustomStringConvertible {
  /// The address written as six octets of two hex digits, of either case, separated by `:`.
  /// - Throws: `AddressError` of kind `.macAddress` for any other text.
  public init(parsing text: String) throws(AddressError) {
    guard let value = Self.rawValue(ofText: text.utf8Span.span) else { throw AddressError(.macAddress, text) }
    rawValue = value
  }

  /// Six octets of two lower-case hex digits, separated by `:`.
  public var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(17)
    for shift in stride(from: 40, through: 0, by: -8) {
      let octet = UInt8(truncatingIfNeeded: rawValue >> shift)
      if shift < 40 { text.append(ASCIIText.colon) }
      text.append(ASCIIText.hexCharacter(octet >> 4))
      text.append(ASCIIText.hexCharacter(octet))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func rawValue(ofText text: Span<UInt8>) -> UInt64? {
    guard text.count == 17 else { return nil }
    var value: UInt64 = 0
    for index in text.indices {
      if index % 3 == 2 {
        guard text[index] == ASCIIText.colon else { return nil }
      } else {
        guard let digit = ASCIIText.hexDigit(text[index]) else { return nil }
        value = value << 4 | UInt64(digit)
      }
    }
    return value
  }
}

extension MACAddress: Comparable {
  /// Numeric order, which is also the order of the text.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension MACAddress: Codable {
  /// Decodes the address from a single string.
  public init(from decoder: any Decoder) throws {
    self = try decoder.singleString(Self.init(parsing:))
  }

  /// Encodes the address as a single string, in lower case.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encodeSingleString(self)
  }
}
