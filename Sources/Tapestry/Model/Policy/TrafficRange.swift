import NetTypes

/// Traffic to a range of addresses, and what becomes of it: many rules in one, where their prefixes lie side by side. The
/// kernel's maps take ranges; a prefix without one address of IPv6 would be 128 of them otherwise.
struct TrafficRange: Hashable, Sendable {
  var verdict: TrafficRule.Verdict
  /// Both of one family.
  var first: IPAddress
  var last: IPAddress
  var protocols: ClosedRange<UInt8>
  var ports: ClosedRange<UInt16>

  /// The range in as few rules as there can be.
  var rules: [TrafficRule] {
    prefixes.map { TrafficRule(verdict, Traffic(to: $0, protocols: protocols, ports: ports)) }
  }

  var family: IPFamily { first.family }

  private var prefixes: [IPPrefix] {
    Self.blocks(first.number, last.number, width: first.bitWidth).map { start, length in
      IPPrefix(known: IPAddress(family, number: start), prefixLength: length)
    }
  }

  /// The largest prefixes, from the first address on, that end within the range.
  private static func blocks(_ first: UInt128, _ last: UInt128, width: Int) -> [(UInt128, Int)] {
    var blocks: [(UInt128, Int)] = []
    var start = first
    while start <= last {
      // As many low bits as are zero, and fewer where the block would go beyond the last.
      var bits = min(start.trailingZeroBitCount, width)
      while bits > 0, last - start < lowBits(bits) { bits -= 1 }
      blocks.append((start, width - bits))
      guard last - start > lowBits(bits) else { break }
      start += lowBits(bits) + 1
    }
    return blocks
  }

  private static func lowBits(_ count: Int) -> UInt128 { count == 128 ? .max : 1 << UInt128(count) - 1 }
}

extension Collection<TrafficRule> {
  /// The same in as few ranges as there can be, in order. Rules that do not overlap are taken for granted.
  ///
  /// None goes across the bounds of what only a prefix within it opens: put together with what is beside it, it would be
  /// closed when the rules are read again.
  var ranges: [TrafficRange] {
    var ranges: [TrafficRange] = []
    let groups = Dictionary(grouping: self) { rule in
      Group(
        verdict: rule.verdict, protocols: rule.traffic.protocols, ports: rule.traffic.ports,
        closed: SpecialUse.closed.first { $0.contains(rule.traffic.destination) })
    }
    for (group, rules) in groups {
      var open: TrafficRange?
      for prefix in rules.map(\.traffic.destination).sorted() {
        if let range = open, range.last.successor == prefix.address {
          open?.last = prefix.lastAddress
        } else {
          if let open { ranges.append(open) }
          open = TrafficRange(
            verdict: group.verdict, first: prefix.address, last: prefix.lastAddress, protocols: group.protocols,
            ports: group.ports)
        }
      }
      if let open { ranges.append(open) }
    }
    return ranges.sorted { $0.order < $1.order }
  }
}

/// What ranges have in common that can be one.
private struct Group: Hashable {
  var verdict: TrafficRule.Verdict
  var protocols: ClosedRange<UInt8>
  var ports: ClosedRange<UInt16>
  var closed: IPPrefix?
}

extension TrafficRange {
  fileprivate var order: (IPAddress, UInt8, UInt16) { (first, protocols.lowerBound, ports.lowerBound) }
}

extension IPAddress {
  /// The next address; nil after the last of the family.
  fileprivate var successor: IPAddress? {
    let isLast = number == UInt128.max >> (128 - bitWidth)
    return isLast ? nil : IPAddress(family, number: number + 1)
  }
}
