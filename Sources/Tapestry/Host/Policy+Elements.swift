import NFTables
import NetTypes

/// Policies as elements of sets, and back.
extension Element {
  /// An element of `guest_rules` or `network_rules`.
  init(_ rule: TrafficRule, from first: Datum, through last: Datum) {
    let (low, high) = rule.traffic.services
    self.init(
      key: [first, .ipv4(rule.traffic.destination.address)] + low,
      through: [last, .ipv4(rule.traffic.destination.lastAddress)] + high, data: .verdict(rule.verdict.verdict))
  }
}

extension TrafficRule {
  init?(_ element: Element) {
    guard let verdict = element.verdict.flatMap(Verdict.init), let traffic = Traffic(element, at: 1) else { return nil }
    self.init(verdict, traffic)
  }
}

extension Traffic {
  /// The first protocol and port, and the last.
  var services: ([Datum], [Datum]) {
    (
      [.inetProtocol(protocols.lowerBound), .port(ports.lowerBound)],
      [.inetProtocol(protocols.upperBound), .port(ports.upperBound)]
    )
  }

  /// - Parameter place: Where in the key the destination stands; nil where it has none: to the host itself.
  init?(_ element: Element, at place: Int?) {
    let (first, last) = (element.key, element.keyEnd ?? element.key)
    let services = place.map { $0 + 1 } ?? 1
    guard first.count == services + 2, last.count == first.count,
      let destination = place.map({ IPv4Prefix(first[$0], last[$0]) }) ?? IPv4Prefix.all,
      let protocols = ClosedRange<UInt8>(first[services], last[services]),
      let ports = ClosedRange<UInt16>(first[services + 1], last[services + 1])
    else { return nil }
    self.init(to: destination, protocols: protocols, ports: ports)
  }
}

extension Element {
  /// The address, or the first of a range, that the element is of.
  var owner: IPv4Address? { key.first.flatMap { IPv4Address(bytes: $0.bytes) } }

  var verdict: NFTables.Verdict? {
    if case .verdict(let verdict)? = data { verdict } else { nil }
  }
}

extension TrafficRule.Verdict {
  var verdict: NFTables.Verdict { self == .allow ? .accept : .drop }

  fileprivate init?(_ verdict: NFTables.Verdict) {
    switch verdict {
    case .accept: self = .allow
    case .drop: self = .deny
    default: return nil
    }
  }
}

extension EgressPolicy.Reach {
  var verdict: NFTables.Verdict {
    switch self {
    case .all: .accept
    case .internet: .goto(RulesetTables.internet.id.name)
    case .none: .drop
    }
  }

  init?(_ element: Element) {
    guard let reach = Self.allCases.first(where: { $0.verdict == element.verdict }) else { return nil }
    self = reach
  }
}

extension PublishedPort {
  fileprivate var service: [Datum] { [.inetProtocol(transport.number), .port(hostPort)] }

  func element(to guest: Datum) -> (NamedSet, Element) {
    let data = Element.Data.values([guest, .port(guestPort)])
    guard let hostAddress else { return (RulesetTables.published, Element(key: service, data: data)) }
    return (RulesetTables.publishedAt, Element(key: [.ipv4(hostAddress)] + service, data: data))
  }

  /// An element of `published` or `published_at`, and the guest that it leads to.
  static func guest(_ element: Element) -> (guest: IPv4Address, port: PublishedPort)? {
    let key = element.key.suffix(2).map(\.bytes)
    guard key.count == 2, let transport = Transport.allCases.first(where: { [$0.number] == key[0] }),
      case .values(let values)? = element.data, values.count == 2, let guest = IPv4Address(bytes: values[0].bytes)
    else { return nil }
    let address = element.key.count == 3 ? IPv4Address(bytes: element.key[0].bytes) : nil
    return (
      guest,
      PublishedPort(
        hostAddress: address, hostPort: UInt16(bigEndianBytes: key[1]),
        guestPort: UInt16(bigEndianBytes: values[1].bytes), transport: transport)
    )
  }
}

extension IPv4Prefix {
  /// From its first and its last address; nil for a range that is none.
  fileprivate init?(_ first: Datum, _ last: Datum) {
    guard let first = IPv4Address(bytes: first.bytes), let last = IPv4Address(bytes: last.bytes) else { return nil }
    let length = (first.rawValue ^ last.rawValue).leadingZeroBitCount
    guard let prefix = try? IPv4Prefix(containing: first, prefixLength: length), prefix.address == first,
      prefix.lastAddress == last
    else { return nil }
    self = prefix
  }
}

extension ClosedRange where Bound: FixedWidthInteger {
  /// From two values in network byte order.
  fileprivate init?(_ first: Datum, _ last: Datum) {
    let (first, last) = (Bound(bigEndianBytes: first.bytes), Bound(bigEndianBytes: last.bytes))
    guard first <= last else { return nil }
    self = first...last
  }
}

extension FixedWidthInteger {
  fileprivate init(bigEndianBytes bytes: [UInt8]) {
    self = bytes.reduce(0) { $0 << 8 | Self(truncatingIfNeeded: $1) }
  }
}
