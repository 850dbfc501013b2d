/// An IPv4 address (RFC 791), written as a dotted quad.
public struct IPv4Address: Hashable, Sendable {
  /// The address as a number in host byte order: 10.0.0.1 is `0x0a00_0001`.
  public let rawValue: UInt32

  /// The address with this number, in host byte order.
  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// The address `a.b.c.d`.
  public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
    rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// The address with these four bytes in network byte order, as in a packet or a netlink attribute; `nil` unless
  /// there are exactly four.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 4 else { return nil }
    rawValue = UInt32(networkOrder: bytes)
  }

  /// The four octets in the order they are written.
  public var octets: (UInt8, UInt8, UInt8, UInt8) {
    (
      UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16),
      UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)
    )
  }

  /// The four bytes in network byte order.
  public var bytes: [UInt8] {
    let (a, b, c, d) = octets
    return [a, b, c, d]
  }
}

// MARK: - What kind of address

extension IPv4Address {
  /// 0.0.0.0, "this host" (RFC 1122, 3.2.1.3).
  public var isUnspecified: Bool { rawValue == 0 }

  /// In 127.0.0.0/8 (RFC 1122, 3.2.1.3).
  public var isLoopback: Bool { rawValue >> 24 == 127 }

  /// In 169.254.0.0/16 (RFC 3927), where clouds keep their metadata services.
  public var isLinkLocal: Bool { rawValue >> 16 == 0xa9fe }

  /// In 224.0.0.0/4 (RFC 5771).
  public var isMulticast: Bool { rawValue >> 28 == 0xe }

  /// 255.255.255.255, the limited broadcast address (RFC 919).
  public var isLimitedBroadcast: Bool { rawValue == .max }
}

// MARK: - Text

extension IPv4Address: CustomStringConvertible {
  /// The address written as a dotted quad: four decimal octets without leading zeros, and nothing else.
  /// - Throws: `AddressError` of kind `.ipv4Address` for any other text, the forms of `inet_aton` (`10.1`, `0x0a.0.0.1`,
  ///   `010.0.0.1`) included.
  public init(parsing text: String) throws(AddressError) {
    guard let value = Self.rawValue(ofText: text.utf8Span.span) else { throw AddressError(.ipv4Address, text) }
    rawValue = value
  }

  /// The dotted quad.
  public var description: String {
    var text: [UInt8] = []
    text.reserveCapacity(15)
    appendText(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  func appendText(to text: inout [UInt8]) {
    for shift in stride(from: 24, through: 0, by: -8) {
      if shift < 24 { text.append(ASCIIText.dot) }
      ASCIIText.appendDecimal(UInt8(truncatingIfNeeded: rawValue >> shift), to: &text)
    }
  }

  static func rawValue(ofText text: Span<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in text.indices {
      if text[index] == ASCIIText.dot {
        guard digits > 0, dots < 3 else { return nil }
        value = value << 8 | octet
        octet = 0
        digits = 0
        dots += 1
      } else {
        guard let digit = ASCIIText.decimalDigit(text[index]), digits == 0 || octet > 0 else { return nil }
        octet = octet * 10 + UInt32(digit)
        digits += 1
        guard octet <= 255 else { return nil }
      }
    }
    guard dots == 3, digits > 0 else { return nil }
    return value << 8 | octet
  }
}
