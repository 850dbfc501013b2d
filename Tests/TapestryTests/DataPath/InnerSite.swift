import NetTypes
import Tapestry
import TestKit
import Testing

/// A `Site` with a network `inner`.
struct InnerSite {
  let site: Site
  let network: Network

  static let snapshot = SnapshotIdentity(
    address: "192.168.77.2", subnet: "192.168.77.0/24", mac: MACAddress(0x02, 0, 0, 0, 0x77, 2))

  var manager: NetworkManager { site.manager }
  /// The host's own address in the guests' prefix.
  var hostAddress6: IPv6Address { get throws { try #require(network.hostAddress6) } }

  static func use(
    _ mode: Network.Mode = .bridge, nat: Bool = true, subnet6: Subnet6Request? = nil, nat6: Bool? = nil,
    allowsInterVM: Bool = false, mtu: Int? = nil, egress: EgressPolicy = EgressPolicy(),
    hostAccess: HostAccess = .standard, nameServer: NameServer? = nil, _ body: (InnerSite) async throws -> Void
  ) async throws {
    try await Site.use { site in
      let network = try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", mode: mode, mtu: mtu, subnet6: subnet6, nat6: nat6, snapshot: mode.snapshot,
          settings: NetworkSettings(
            egress: egress, hostAccess: hostAccess, allowsInterVM: allowsInterVM, nat: nat, nameServer: nameServer)))
      if subnet6 != nil { try await site.meetServer6() }
      try await body(InnerSite(site: site, network: network))
    }
  }

  /// What a guest finds the host by on its own link.
  func gateway(_ family: IPFamily) throws -> IPAddress {
    family == .v4 ? .v4(network.snapshot?.gateway ?? network.subnet.gateway) : .v6(try hostAddress6)
  }

  /// With what the family needs.
  static func use(
    _ way: Way, nat: Bool = true, allowsInterVM: Bool = false, _ body: (InnerSite) async throws -> Void
  ) async throws {
    try await use(
      way.mode, nat: nat, subnet6: way.family == .v6 ? .site : nil, nat6: way.family == .v6 ? nat : nil,
      allowsInterVM: allowsInterVM, body)
  }

  func attach(_ vm: Identifier, _ settings: AttachmentSettings = .init()) async throws -> Tapestry.Attachment {
    try await manager.attach(AttachRequest(vmID: vm, network: "inner", settings: settings))
  }

  func guest(_ vm: Identifier) async throws -> StandInGuest { try await site.boot(try await attach(vm)) }

  /// Sends frames, and tells which of them came to the uplink: all that will have come when the answer to a ping that was
  /// sent after them is seen there.
  func escaped(_ forgeries: [Forgery], from guest: StandInGuest) async throws -> Set<String> {
    let watch = try await PacketSocket(in: site.host, interface: "uplink")
    for forgery in forgeries { try guest.send(forgery.frame) }
    #expect(try await guest.ping(Site.server))
    #expect(await watch.captured(within: .patience) { $0.frame.ipv4 != nil && $0.frame.isEchoReply } != nil)
    let seen = Set(watch.captures.takeAll().compactMap { Mark(in: $0.frame.payload) })
    return Set(forgeries.filter { seen.contains($0.mark) }.map(\.name))
  }

  /// Sends frames, and expects those of these names at the uplink, and no others.
  func expect(
    _ forgeries: [Forgery], from guest: StandInGuest, letThrough names: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let (seen, wanted) = (try await escaped(forgeries, from: guest), Set(names))
    #expect(seen.subtracting(wanted) == [], "these got out", sourceLocation: sourceLocation)
    #expect(wanted.subtracting(seen) == [], "these were kept back", sourceLocation: sourceLocation)
  }

  /// An echo request of IPv4 to the server: what tells `escaped` that all before it has passed.
  static let ping = TrafficRule(.allow, Traffic(to: .init(host: Site.server), protocols: 1...1))

  static func rules(_ verdict: TrafficRule.Verdict, _ texts: String...) throws -> [TrafficRule] {
    try texts.flatMap([Traffic].init(parsing:)).map { TrafficRule(verdict, $0) }
  }
}

/// How a guest of `inner` is connected, and the family that is looked at.
struct Way: Hashable, Sendable, CustomTestStringConvertible {
  var family: IPFamily
  var mode: Network.Mode

  var testDescription: String { "\(mode), \(family)" }

  /// Where the host knows guests by the addresses that they have.
  static let plain = IPFamily.allCases.flatMap { family in
    Network.Mode.withIPv6.map { Way(family: family, mode: $0) }
  }
  static let all = plain + [Way(family: .v4, mode: .clone)]
}

extension Network.Mode {
  /// Clones have none.
  static let withIPv6: [Network.Mode] = [.bridge, .routed]

  /// What a network of the mode has to be made with.
  var snapshot: SnapshotIdentity? { self == .clone ? InnerSite.snapshot : nil }
}

extension Subnet6Request {
  static let site = Subnet6Request.prefix(Site.prefix6)
}

extension Site {
  /// So that no packet has to wait for an answer on the uplink.
  func meetServer6() async throws { _ = try? await TCPConnection(from: host, to: Endpoint(Site.server6, 9)) }
}
