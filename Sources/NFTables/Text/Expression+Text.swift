/// The expressions that nft(8) writes as statements of their own.
extension Counter {
  var text: String { packets == 0 && bytes == 0 ? "counter" : "counter packets \(packets) bytes \(bytes)" }
}

extension Limit {
  var text: String { "limit \(rateText)" }

  /// The limit as in an object: `rate over 10/second burst 5 packets`.
  var rateText: String {
    let period: String =
      switch seconds {
      case 1: "second"
      case 60: "minute"
      case 3600: "hour"
      case 86_400: "day"
      case 604_800: "week"
      default: "\(seconds)s"
      }
    let unit = unit == .packets ? "" : " bytes"
    let burstText = burst == 0 ? "" : " burst \(burst)\(unit.isEmpty ? " packets" : unit)"
    return "rate \(isInverted ? "over " : "")\(rate)\(unit)/\(period)\(burstText)"
  }
}

extension ConnectionLimit {
  var text: String { "ct count \(isInverted ? "over " : "")\(count)" }
}

extension DynamicSet.Meter {
  var text: String {
    switch self {
    case .limit(let limit): limit.text
    case .connections(let limit): limit.text
    }
  }
}

extension Log {
  private static let levels = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"]

  var text: String {
    var text = "log"
    if let prefix { text += " prefix \"\(prefix)\"" }
    switch destination {
    case .kernel(let level):
      if level != 4 { text += " level " + (level < 8 ? Self.levels[Int(level)] : "\(level)") }
      if flags != 0 { text += " flags \(flags)" }
    case .group(let group, let snapLength, let queueThreshold):
      text += " group \(group)"
      if snapLength != 0 { text += " snaplen \(snapLength)" }
      if queueThreshold != 0 { text += " queue-threshold \(queueThreshold)" }
    }
    return text
  }
}

extension Reject {
  var text: String {
    switch self {
    case .icmp(let code): "reject with icmp type \(code)"
    case .tcpReset: "reject with tcp reset"
    case .icmpx(let code): "reject with icmpx type \(code)"
    }
  }
}

extension RouteProperty {
  var text: String {
    switch key {
    case .classID: "rt classid"
    case .nextHopIPv4: "rt ip nexthop"
    case .nextHopIPv6: "rt ip6 nexthop"
    case .maximumSegmentSize: "rt mtu"
    case .isTransformed: "rt ipsec"
    }
  }
}

extension ExtensionHeader {
  /// The field of an IPv6 extension header; nil for the options of other protocols.
  var source: Field.Source? {
    guard kind == .ipv6 else { return nil }
    return loadsPresence ? .hasExtensionHeader(type) : .extensionHeader(type, offset: offset, length: length)
  }

  /// nft has a name for each field; here only the TCP maximum segment size has one.
  var text: String {
    switch (kind, type, offset, length) {
    case (.tcpOption, 2, 2, 2): "tcp option maxseg size"
    case (.tcpOption, _, _, _): "tcp option @\(type),\(offset * 8),\(length * 8)"
    default: "exthdr \(kind) \(type) @\(offset * 8),\(length * 8)"
    }
  }
}

extension NATFlags {
  /// The flags after a space; empty if there are none.
  var text: String {
    let names: [(Self, String)] = [(.random, "random"), (.persistent, "persistent"), (.fullyRandom, "fully-random")]
    let words = names.filter { contains($0.0) }.map(\.1)
    return words.isEmpty ? "" : " " + words.joined(separator: ",")
  }
}

extension Comparison.Operation {
  /// The operator after a space; empty for equality, which nft omits.
  var symbol: String {
    switch self {
    case .equal: ""
    case .notEqual: " !="
    case .less: " <"
    case .lessOrEqual: " <="
    case .greater: " >"
    case .greaterOrEqual: " >="
    }
  }
}
