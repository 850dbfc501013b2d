extension IPPrefix {
  /// All addresses of a family: `0.0.0.0/0`, `::/0`.
  public static func everything(_ family: IPFamily) -> IPPrefix {
    IPPrefix(known: IPAddress(family, number: 0), prefixLength: 0)
  }

  /// The prefix that an address is in, by the bits of a mask; both are 4 or 16 bytes in network byte order. Host bits are
  /// dropped.
  ///
  /// `nil` for another number of bytes, and for a mask whose one bits do not all come first.
  public init?(bytes: [UInt8], mask: [UInt8]) {
    let length = mask.reduce(0) { $0 + $1.nonzeroBitCount }
    guard bytes.count == mask.count, mask == Self.mask(length, bytes: mask.count), let address = IPAddress(bytes: bytes)
    else { return nil }
    try? self.init(containing: address, prefixLength: length)
  }

  /// As many bytes as an address has, in network byte order: one bits for the prefix, then zero bits.
  public var mask: [UInt8] { Self.mask(prefixLength, bytes: family.addressBytes) }

  /// The family of the prefix.
  public var family: IPFamily { address.family }

  private static func mask(_ length: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: 0xff00 >> max(0, min(8, length - 8 * $0))) }
  }
}
