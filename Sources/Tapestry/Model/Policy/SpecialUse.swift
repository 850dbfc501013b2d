import NetTypes

/// The addresses that are not on the internet, according to `SpecialPurpose`.
enum SpecialUse {
  /// In order, and without overlaps.
  static func ranges(_ family: IPFamily) -> [ClosedRange<IPAddress>] { family == .v4 ? ranges4 : ranges6 }

  private static let ranges4 = addresses(.v4, numbers4)
  /// Also those of IPv4, as NAT64 writes them.
  private static let ranges6 = addresses(.v6, notOpen(spans(.v6) + translated))
  private static let numbers4 = notOpen(spans(.v4))

  private static func spans(_ family: IPFamily) -> [Span] {
    entries.filter { $0.prefix.family == family }.map {
      Span(range: $0.prefix.address.number...$0.prefix.lastAddress.number, isOpen: $0.isOpen)
    }
  }

  private static func addresses(_ family: IPFamily, _ ranges: [ClosedRange<UInt128>]) -> [ClosedRange<IPAddress>] {
    ranges.map { IPAddress(family, number: $0.lowerBound)...IPAddress(family, number: $0.upperBound) }
  }

  /// Whether an address is not on the internet.
  static func contains(_ address: IPAddress) -> Bool { ranges(address.family).contains { $0.contains(address) } }

  private static let entries = SpecialPurpose.registry4 + SpecialPurpose.registry6 + SpecialPurpose.others

  /// The special IPv4 ranges embedded in 64:ff9b::/96, the NAT64 prefix of the IPv4 internet (RFC 6052).
  private static var translated: [Span] {
    let nat64 = UInt128(0x64_ff9b) << 96
    return numbers4.map { Span(range: (nat64 | $0.lowerBound)...(nat64 | $0.upperBound), isOpen: false) }
  }

  // MARK: Entries within entries

  /// A range of addresses of one family, as numbers.
  private struct Span {
    var range: ClosedRange<UInt128>
    var isOpen: Bool
  }

  /// The ranges that are not open. Spans are nested or disjoint; for each address the innermost span decides.
  private static func notOpen(_ spans: [Span]) -> [ClosedRange<UInt128>] {
    // All addresses between two consecutive starts are in the same spans.
    let starts = Set(spans.flatMap { [$0.range.lowerBound, $0.range.upperBound &+ 1] }).sorted()
    var ranges: [ClosedRange<UInt128>] = []
    for (index, start) in starts.enumerated() {
      let innermost = spans.filter { $0.range.contains(start) }
        .min { $0.range.upperBound - $0.range.lowerBound < $1.range.upperBound - $1.range.lowerBound }
      guard let innermost, !innermost.isOpen else { continue }
      let end = index + 1 < starts.count ? starts[index + 1] - 1 : innermost.range.upperBound
      if let last = ranges.last, last.upperBound + 1 == start {
        ranges[ranges.count - 1] = last.lowerBound...end
      } else {
        ranges.append(start...end)
      }
    }
    return ranges
  }
}
