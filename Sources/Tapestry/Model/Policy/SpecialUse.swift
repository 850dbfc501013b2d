import NetTypes

/// The addresses that are nobody's on the internet.
enum SpecialUse {
  /// RFC 6890 and its successors, multicast (RFC 5771) and reserved addresses (RFC 1112) among them. The ranges for
  /// documentation (RFC 5737) are left out: nothing is there, and tests take them for the internet.
  static let prefixes: [IPv4Prefix] = [
    prefix(0, 0, length: 8),  // this network
    prefix(10, 0, length: 8),  // private
    prefix(100, 64, length: 10),  // shared, behind a carrier's NAT
    prefix(127, 0, length: 8),  // loopback
    linkLocal,
    prefix(172, 16, length: 12),  // private
    prefix(192, 0, 0, length: 24),  // protocol assignments
    prefix(192, 88, 99, length: 24),  // 6to4 relays
    prefix(192, 168, length: 16),  // private
    prefix(198, 18, length: 15),  // benchmarks
    prefix(224, 0, length: 4),  // multicast
    prefix(240, 0, length: 4),  // reserved, and the limited broadcast address
  ]

  /// 169.254.0.0/16 (RFC 3927), where clouds answer with their metadata.
  static let linkLocal = prefix(169, 254, length: 16)

  private static func prefix(_ first: UInt8, _ second: UInt8, _ third: UInt8 = 0, length: Int) -> IPv4Prefix {
    IPv4Prefix(known: IPv4Address(first, second, third, 0), prefixLength: length)
  }
}
