/// Settings read back from the kernel.
extension Ruleset.NetworkFacts {
  var settings: NetworkSettings {
    var settings = NetworkSettings(text: note) ?? NetworkSettings()
    if !settings.egress.explicit.isInTables(reach, rules, domains, hasIPv6: subnet6 != nil) {
      settings.egress = EgressPolicy(
        reach: reach == .all ? .inherited : reach, rules: rules.inOrder, domains: domains.inOrder)
    }
    settings.hostAccess = hostAccess
    return settings
  }

  private var hostAccess: HostAccess {
    var services = Set(hostTraffic.compactMap(HostAccess.Service.init))
    if answersPing, !services.contains(.all) { services.insert(.icmp) }
    return HostAccess(services)
  }
}

extension Ruleset.GuestFacts {
  /// - Parameter link: the guest's TAP.
  func settings(_ link: ObservedLink) -> AttachmentSettings {
    var settings = AttachmentSettings(text: note) ?? AttachmentSettings()
    settings.owner = link.owner == .root ? nil : link.owner
    if !settings.egress.isInTables(reach, rules, domains, hasIPv6: address6 != nil) {
      settings.egress = EgressPolicy(reach: reach, rules: rules.inOrder, domains: domains.inOrder)
    }
    settings.published = Array(published)
    settings.rateLimit = RateLimit(transmitRate, receiveBytes: link.receiveRate)
    settings.maxConnections = maxConnections
    return settings
  }
}

extension EgressPolicy {
  /// Whether the tables have this policy. If not, only what they have is in force: an equivalent, but with more rules.
  fileprivate func isInTables(
    _ reach: Reach, _ rules: Set<TrafficRule>, _ domains: DomainList?, hasIPv6: Bool
  ) -> Bool {
    self.reach == reach && self.rules(hasIPv6: hasIPv6) == rules && Set(self.domains) == domains?.patterns ?? []
  }
}

extension HostAccess.Service {
  fileprivate init?(_ traffic: Traffic) {
    switch traffic.protocols {
    case Traffic.allProtocols: self = .all
    case Traffic.tcp...Traffic.tcp: self = .ports(traffic.ports, .tcp)
    case Traffic.udp...Traffic.udp: self = .ports(traffic.ports, .udp)
    default: return nil
    }
  }
}

extension DomainList? {
  fileprivate var inOrder: [DomainPattern] { self?.patterns.sorted() ?? [] }
}

extension Set<TrafficRule> {
  /// Sorted by destination, which is easiest to read.
  var inOrder: [TrafficRule] {
    sorted { ($0.traffic.destination, $0.description) < ($1.traffic.destination, $1.description) }
  }
}

extension RateLimit {
  /// The guest's limits as the kernel has them.
  fileprivate init(_ transmit: Ruleset.TransmitRate, receiveBytes: UInt64?) {
    self.init(
      transmit: transmit.bytes.map { $0 * 8 }, receive: receiveBytes.map { $0 * 8 }, transmitPackets: transmit.packets)
  }
}
