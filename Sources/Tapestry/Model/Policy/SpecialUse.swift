import NetTypes

/// The addresses that are not on the internet, according to `SpecialPurpose`.
enum SpecialUse {
  /// The IPv4 ranges, in order and without overlaps.
  static let ranges: [ClosedRange<IPv4Address>] =
    notOpen(entries.compactMap { $0.prefix.isIPv4 ? Span($0) : nil }).map { range in
      IPv4Address(rawValue: UInt32(range.lowerBound))...IPv4Address(rawValue: UInt32(range.upperBound))
    }

  /// The IPv6 ranges, including the IPv4 ranges as embedded by NAT64, in order and without overlaps.
  static let ranges6: [ClosedRange<IPv6Address>] =
    notOpen(entries.compactMap { $0.prefix.isIPv4 ? nil : Span($0) } + translated).map { range in
      IPv6Address(rawValue: range.lowerBound)...IPv6Address(rawValue: range.upperBound)
    }

  /// 169.254.0.0/16 (RFC 3927), the range of the clouds' metadata services.
  static let linkLocal = IPv4Prefix(known: IPv4Address(169, 254, 0, 0), prefixLength: 16)

  /// Whether an address is not on the internet.
  static func contains(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let address): ranges.contains { $0.contains(address) }
    case .v6(let address): ranges6.contains { $0.contains(address) }
    }
  }

  private static let entries = SpecialPurpose.registry4 + SpecialPurpose.registry6 + SpecialPurpose.others

  /// The special IPv4 ranges embedded in 64:ff9b::/96, the NAT64 prefix of the IPv4 internet (RFC 6052).
  private static var translated: [Span] {
    let nat64 = UInt128(0x64_ff9b) << 96
    return ranges.map { range in
      Span(
        range: (nat64 | UInt128(range.lowerBound.rawValue))...(nat64 | UInt128(range.upperBound.rawValue)),
        isOpen: false)
    }
  }
}

// MARK: - Entries within entries

extension SpecialUse {
  /// A range of addresses of one family, as numbers.
  fileprivate struct Span {
    var range: ClosedRange<UInt128>
    var isOpen: Bool
  }

  /// The ranges that are not open. Spans are nested or disjoint; for each address the innermost span decides.
  fileprivate static func notOpen(_ spans: [Span]) -> [ClosedRange<UInt128>] {
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

extension SpecialUse.Span {
  fileprivate init(_ entry: SpecialPurpose) {
    let bounds = [entry.prefix.address, entry.prefix.lastAddress].map { address in
      address.bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    }
    self.init(range: bounds[0]...bounds[1], isOpen: entry.isOpen)
  }
}

extension IPPrefix {
  fileprivate var isIPv4: Bool { if case .v4 = self { true } else { false } }
}
