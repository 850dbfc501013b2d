import NetTypes

extension HostAccess {
  /// Returns true if the host answers guests' echo requests.
  var allowsPing: Bool { services.contains(.icmp) || services.contains(.all) }

  /// What else guests may send to the host, without overlaps.
  var traffic: Set<Traffic> {
    guard !services.contains(.all) else { return [Traffic(to: .all)] }
    let rules = services.flatMap(\.traffic).map { TrafficRule(.allow, $0) }
    return Set(rules.disjoint().map(\.traffic))
  }
}

extension HostAccess.Service {
  fileprivate var traffic: [Traffic] {
    switch self {
    case .icmp: []
    case .dns: [Self.traffic(53...53, .tcp), Self.traffic(53...53, .udp)]
    case .all: [Traffic(to: .all)]
    case .ports(let ports, let transport): [Self.traffic(ports, transport)]
    }
  }

  private static func traffic(_ ports: ClosedRange<UInt16>, _ transport: Transport) -> Traffic {
    Traffic(to: .all, protocols: transport.number...transport.number, ports: ports)
  }
}

extension IPPrefix {
  /// 0.0.0.0/0. Traffic to the host itself may have any destination address, so this does not restrict it.
  static let all = IPPrefix.v4(IPv4Prefix(known: IPv4Address(rawValue: 0), prefixLength: 0))
}
