import NFTables
import NetTypes

/// Converts policies to elements of sets, and back.
extension Element {
  /// An element of `guest_rules` or `network_rules`.
  init(_ range: TrafficRange, from first: Datum, through last: Datum) {
    self.init(
      key: [first, .address(range.first), .inetProtocol(range.protocols.lowerBound), .port(range.ports.lowerBound)],
      through: [last, .address(range.last), .inetProtocol(range.protocols.upperBound), .port(range.ports.upperBound)],
      data: .verdict(range.verdict.verdict))
  }
}

extension TrafficRange {
  init?(_ element: Element) {
    let (low, high) = (element.key, element.keyEnd ?? element.key)
    guard low.count == 4, high.count == 4, let verdict = element.verdict.flatMap(TrafficRule.Verdict.init),
      let first = IPAddress(bytes: low[1].bytes), let last = IPAddress(bytes: high[1].bytes), first <= last,
      let protocols = ClosedRange<UInt8>(low[2], high[2]), let ports = ClosedRange<UInt16>(low[3], high[3])
    else { return nil }
    self.init(verdict: verdict, first: first, last: last, protocols: protocols, ports: ports)
  }
}

extension Traffic {
  /// The first protocol and port, and the last ones.
  var services: ([Datum], [Datum]) {
    (
      [.inetProtocol(protocols.lowerBound), .port(ports.lowerBound)],
      [.inetProtocol(protocols.upperBound), .port(ports.upperBound)]
    )
  }

  /// Reads an element of `host_access`: traffic to the host itself.
  init?(toHost element: Element) {
    let (first, last) = (element.key, element.keyEnd ?? element.key)
    guard first.count == 3, last.count == 3, let protocols = ClosedRange<UInt8>(first[1], last[1]),
      let ports = ClosedRange<UInt16>(first[2], last[2])
    else { return nil }
    self.init(to: .all, protocols: protocols, ports: ports)
  }
}

extension Element {
  /// The element's address, or the first address of its range.
  var owner: IPAddress? { key.first.flatMap { IPAddress(bytes: $0.bytes) } }

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
  func verdict(_ tables: FamilyTables) -> NFTables.Verdict {
    switch self {
    case .all, .inherited: .accept
    case .internet: .goto(tables.internet.id.name)
    case .nothing: .drop
    }
  }

  init?(_ element: Element) {
    guard let reach = Self.allCases.first(where: { $0.verdict(RulesetTables.v4) == element.verdict }) else {
      return nil
    }
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

  /// Reads an element of `published` or `published_at`: the port, and the guest that it is published for.
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
