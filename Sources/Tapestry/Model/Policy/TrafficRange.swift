import NetTypes

/// A verdict for traffic to a range of addresses. It merges rules with adjacent prefixes. nf_tables maps take ranges;
/// without them, an IPv6 prefix minus one address would need 128 elements.
struct TrafficRange: Hashable, Sendable {
  var verdict: TrafficRule.Verdict
  /// The first and the last are of the same family.
  var addresses: ClosedRange<IPAddress>
  var protocols: ClosedRange<UInt8>
  var ports: ClosedRange<UInt16>

  /// The range as the fewest possible rules.
  var rules: [TrafficRule] {
    prefixes.map { TrafficRule(verdict, Traffic(to: $0, protocols: protocols, ports: ports)) }
  }

  var family: IPFamily { addresses.lowerBound.family }

  fileprivate var order: (IPAddress, UInt8, UInt16) {
    (addresses.lowerBound, protocols.lowerBound, ports.lowerBound)
  }

  private var prefixes: [IPPrefix] {
    let (first, last) = (addresses.lowerBound, addresses.upperBound)
    return Self.blocks(first.number, last.number, width: first.bitWidth).map { start, length in
      IPPrefix(known: IPAddress(family, number: start), prefixLength: length)
    }
  }

  /// Splits the range into the largest possible prefixes, in ascending order.
  private static func blocks(_ first: UInt128, _ last: UInt128, width: Int) -> [(UInt128, Int)] {
    var blocks: [(UInt128, Int)] = []
    var start = first
    while start <= last {
      // The number of trailing zero bits, less if the block would extend beyond the last address.
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
  /// The rules merged into as few ranges as possible, in order. The rules must not overlap.
  ///
  /// No range crosses the bounds of a closed prefix, which only a rule within it allows: merged with adjacent addresses,
  /// it would be closed again when the rules are read back.
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
        if let range = open, range.addresses.upperBound.successor == prefix.address {
          open?.addresses = range.addresses.lowerBound...prefix.lastAddress
        } else {
          if let open { ranges.append(open) }
          open = TrafficRange(
            verdict: group.verdict, addresses: prefix.address...prefix.lastAddress, protocols: group.protocols,
            ports: group.ports)
        }
      }
      if let open { ranges.append(open) }
    }
    return ranges.sorted { $0.order < $1.order }
  }
}

/// The common properties of rules that can be merged into one range.
private struct Group: Hashable {
  var verdict: TrafficRule.Verdict
  var protocols: ClosedRange<UInt8>
  var ports: ClosedRange<UInt16>
  var closed: IPPrefix?
}

extension IPAddress {
  /// The next address; nil after the last of the family.
  fileprivate var successor: IPAddress? {
    let isLast = number == UInt128.max >> (128 - bitWidth)
    return isLast ? nil : IPAddress(family, number: number + 1)
  }
}
