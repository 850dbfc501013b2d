import NFTables
import NetTypes

// What policies are to the kernel: values of sets and maps.
extension Transport {
  /// Returns nil for other protocols than these.
  init?(number: UInt8) {
    guard let transport = Self.allCases.first(where: { $0.number == number }) else { return nil }
    self = transport
  }
}

extension TrafficRule.Verdict {
  var verdict: NFTables.Verdict { self == .allow ? .accept : .drop }

  init?(_ verdict: NFTables.Verdict) {
    guard let own = [Self.allow, .deny].first(where: { $0.verdict == verdict }) else { return nil }
    self = own
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

  /// Reads a verdict of the tables of IPv4.
  init?(_ verdict: NFTables.Verdict) {
    guard let reach = Self.allCases.first(where: { $0.verdict(RulesetTables.v4) == verdict }) else { return nil }
    self = reach
  }
}

/// A port of a guest, which a port of the host is published for.
struct GuestPort: MapValue {
  var address: IPv4Address
  var port: UInt16

  static let mapData = NamedSet.MapData.values([.ipv4Address, .inetService])

  var data: Element.Data { .values([.ipv4(address), .port(port)]) }
}

extension GuestPort {
  init?(_ data: Element.Data) {
    guard case .values(let values) = data, values.count == 2, let address = IPv4Address(keyBytes: values[0].bytes),
      let port = UInt16(keyBytes: values[1].bytes)
    else { return nil }
    self.init(address: address, port: port)
  }
}

extension PublishedPort {
  func element(to guest: IPv4Address) -> (NamedSet, Element) {
    let place = GuestPort(address: guest, port: guestPort)
    guard let hostAddress else { return RulesetTables.published.element(transport.number, hostPort, to: place) }
    return RulesetTables.publishedAt.element(hostAddress, transport.number, hostPort, to: place)
  }
}
