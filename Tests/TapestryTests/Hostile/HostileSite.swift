import NetTypes
import Tapestry
import TestKit
import Testing

/// A host with guests of which two lie: one whose VMM uses virtio-net headers, and one whose VMM does not; others in their
/// network and in another, whose connections stay up; and posts on all that any frame could reach.
struct HostileSite {
  let scenario: HostileScenario
  let site: Site
  let network: Network
  let liars: [Liar]
  let neighbor: StandInGuest
  let stranger: StandInGuest
  let victims: HostileVictims
  let uplink: PacketSocket
  /// In the guest whose connections stay up.
  let bystanderLink: PacketSocket
  let deliveries: HostDeliveries
  let beacon: UDPSocket
  let outsider: PacketSender
  /// Takes what others send to the host.
  private let sink: UDPSocket

  struct Liar: Sendable {
    var guest: StandInGuest
    /// As the host knows it.
    var address: IPv4Address
    var rights: HostileRights
  }

  static let far = IPv4Address(203, 0, 113, 9)
  static let far6: IPv6Address = "2001:db8:99::9"
  /// What the policy opens, on the server.
  static let allowedPort: UInt16 = 443
  /// On the host, leading to ports 53 and 80 of the neighbour.
  static let published: [UInt16] = [8053, 8080]

  static func use(_ scenario: HostileScenario, _ body: (HostileSite) async throws -> Void) async throws {
    try await Site.use { site in
      try await site.meetServer6()
      // A veth pair otherwise computes no checksums at all.
      try await site.host.computeChecksums(on: "uplink")
      if scenario.mode == .bridge { try await site.setBridgeNetfilter(scenario.netfilter) }
      if scenario.hasNames { try await site.startUpstream() }
      try await body(try await HostileSite(scenario, site))
    }
  }

  private init(_ scenario: HostileScenario, _ site: Site) async throws {
    self.scenario = scenario
    self.site = site
    let manager = site.manager
    var egress = EgressPolicy(reach: scenario.reach)
    egress.rules = try InnerSite.rules(.allow, "\(Site.server):443")
    if scenario.hasIPv6 { egress.rules += try InnerSite.rules(.allow, "[\(Site.server6)]:443") }
    network = try await manager.createNetwork(
      NetworkRequest(
        name: "inner", mode: scenario.mode,
        subnet6: scenario.hasIPv6 ? .site : nil, nat6: scenario.hasIPv6 ? scenario.nat6 : nil,
        snapshot: scenario.mode.snapshot,
        settings: NetworkSettings(
          egress: egress, allowsInterVM: scenario.allowsInterVM, nat: scenario.nat,
          nameServer: scenario.hasNames ? NameServer(upstreams: [Site.server]) : nil)))
    try await manager.createNetwork(NetworkRequest(name: "other", subnet6: .prefix(Self.otherPrefix)))

    func attach(_ vm: Identifier, in network: Identifier = "inner", open: Bool = false) async throws
      -> Tapestry.Attachment
    {
      try await manager.attach(
        AttachRequest(
          vmID: vm, network: network, settings: .init(egress: open ? EgressPolicy(reach: .all) : EgressPolicy())))
    }
    let made = try await [attach("plain"), attach("offloads")]
    var request = AttachRequest(vmID: "neighbor", network: "inner", settings: .init(egress: EgressPolicy(reach: .all)))
    request.settings.published = try [PublishedPort](parsing: "8053:53/udp") + [PublishedPort](parsing: "8080:80")
    let near = try await manager.attach(request)
    let victim = try await attach("victim", open: true)
    let far = try await attach("stranger", in: "other")

    // At once: the kernel takes up to a second to see the carrier of each.
    async let plain = site.boot(made[0])
    async let offloads = site.boot(made[1], vnetHeader: true)
    async let neighbor = site.boot(near)
    async let stranger = site.boot(far)
    async let bystander = site.bootStack(victim)
    let guests = try await [plain, offloads]
    self.neighbor = try await neighbor
    self.stranger = try await stranger
    victims = try await HostileVictims(site, try await bystander, victim, scenario)
    bystanderLink = try await PacketSocket(in: victims.guest.namespace, interface: "eth0")
    var flows = victims.flows
    for (guest, made, nat) in [(self.neighbor, near, scenario.nat), (self.stranger, far, true)] {
      let port = guest === self.neighbor ? 40_778 : 40_777 as UInt16
      try await guest.sendUDP([1], to: Site.server, port: Self.allowedPort, from: port)
      #expect(await guest.receiveUDP(port: port) != nil)
      for address in [made.address, nat ? Site.hostAddress : made.address] {
        flows.append(.init(.udp, Endpoint(address, port), Endpoint(Site.server, Self.allowedPort)))
      }
    }

    uplink = try await PacketSocket(in: site.internet, interface: "isp")
    deliveries = try await HostDeliveries(in: site.host)
    beacon = try await UDPSocket(in: site.host)
    outsider = try await PacketSender(in: site.internet)
    sink = try await UDPSocket(in: site.host, at: Endpoint(IPv6Address(rawValue: 0), 7))
    var liars: [Liar] = []
    for (guest, attachment) in zip(guests, made) {
      var world = try await Self.world(
        guest, attachment, near, far, site: site, network: network, flows: flows)
      world.bystanders = Set((made + [victim]).map(\.mac)).subtracting([attachment.mac])
      liars.append(
        Liar(guest: guest, address: attachment.address, rights: Self.rights(scenario, world, neighbor: near)))
    }
    self.liars = liars
  }

  private static let otherPrefix: IPv6Prefix = "2001:db8:8::/64"

  private static func world(
    _ guest: StandInGuest, _ own: Tapestry.Attachment, _ near: Tapestry.Attachment, _ far: Tapestry.Attachment,
    site: Site, network: Network, flows: [HostileWorld.Flow]
  ) async throws -> HostileWorld {
    func party(_ made: Tapestry.Attachment) -> HostileWorld.Party {
      HostileWorld.Party(mac: made.mac, address: made.address, address6: made.guestIP6)
    }
    func mac(_ namespace: TestNamespace, _ link: String) async throws -> MACAddress {
      let links = try await namespace.json("ip", "-j", "link", "show", "dev", link)
      return try #require(links[0]["address"].string.flatMap({ try? MACAddress(parsing: $0) }))
    }
    var me = party(own)
    me.address = own.guestIP
    return HostileWorld(
      own: me, outer: own.address, neighbor: party(near), stranger: party(far),
      gateway: .init(
        mac: try await guest.gatewayMAC(), address: own.gatewayIP, address6: own.gatewayIP6 ?? Network.gateway6),
      subnet: try IPv4Prefix(containing: network.subnet.gateway, prefixLength: network.subnet.prefixLength),
      host: .init(
        mac: try await mac(site.host, "uplink"), address: Site.hostAddress, address6: Site.hostAddress6),
      hostInPrefix: network.hostAddress6,
      server: .init(mac: try await mac(site.internet, "isp"), address: Site.server, address6: Site.server6),
      far: .init(mac: try await mac(site.internet, "isp"), address: Self.far, address6: far6),
      publishedPorts: published, allowedPorts: [allowedPort], flows: flows, fragmented: [])
  }

  private static func rights(
    _ scenario: HostileScenario, _ world: HostileWorld, neighbor: Tapestry.Attachment
  ) -> HostileRights {
    var sources: Set<IPAddress> = [.v4(scenario.nat ? Site.hostAddress : world.outer)]
    if let address6 = world.own.address6 { sources.insert(.v6(scenario.nat6 ? Site.hostAddress6 : address6)) }
    let servers = [IPAddress.v4(Site.server), .v6(Site.server6)]
    return HostileRights(
      world: world, reach: [.nothing: .nothing, .internet: .internet][scenario.reach] ?? .all,
      allowed: servers.flatMap { [.init(.tcp, $0, allowedPort), .init(.udp, $0, allowedPort)] }, sources: sources,
      reachesNeighbors: scenario.allowsInterVM, isBridged: scenario.mode == .bridge,
      published: scenario.reach == .all || scenario.allowsInterVM
        ? [.init(.udp, .v4(neighbor.guestIP), 53), .init(.tcp, .v4(neighbor.guestIP), 80)] : [],
      hasNames: scenario.hasNames)
  }
}
