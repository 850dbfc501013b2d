import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Between guests", .needsKernel)
struct IsolationTests {
  @Test("of one network nothing passes, neither directly nor by way of the gateway", arguments: Way.plain)
  func isolated(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let (a, b) = try await inner.site.guests(in: "inner")
      let forger = try await Forger(a, neighbor: b)
      let (own, target) = (forger.own.ip(way.family), forger.neighbor.ip(way.family))
      let directly = { (name: String, at: MACAddress) in
        forger.frame(name) {
          .udp(UDPDatagram(from: 40_000, to: 7, payload: $0.bytes), from: own, to: target, by: a.mac, at: at)
        }
      }
      var attempts = [
        forger.udp("by the gateway", to: target), directly("directly", b.mac), directly("to everyone", .broadcast),
      ]
      if way.family == .v6 {
        let (own, target) = (forger.own, forger.neighbor)
        attempts += [
          forger.udp6("directly, on the link", from: own.linkLocal, to: target.linkLocal, at: b.mac),
          forger.udp6("to all nodes", from: own.linkLocal, to: .allNodes, at: .broadcast),
          forger.icmpv6(
            "a question", .neighborSolicitation(for: target.global, from: a.mac), from: own.global,
            to: target.global.solicitedNodeGroup),
        ]
      }
      for netfilter in BridgeNetfilter.possible {
        try await inner.site.setBridgeNetfilter(netfilter)
        for attempt in attempts { try a.send(attempt.frame) }
        for guest in [a, b] { #expect(try await guest.ping(try inner.gateway(way.family))) }
        let seen = Set(b.arrivals.takeAll().compactMap { Mark(in: $0.payload) })
        #expect(attempts.filter { seen.contains($0.mark) }.map(\.name) == [])
        try await expectNoContact(from: a, to: b, way.family)
      }
    }
  }

  @Test("of one network that allows it connections pass, under their own addresses", arguments: Way.plain)
  func connections(way: Way) async throws {
    try await InnerSite.use(way, allowsInterVM: true) { inner in
      let (one, other) = (try await inner.attach("a"), try await inner.attach("b"))
      if way.family == .v6 { #expect(one.prefixLength6 == (way.mode == .bridge ? 64 : 128)) }
      let (a, b) = (try await inner.site.bootStack(one), try await inner.site.bootStack(other))
      let target = Endpoint(try #require(other.guestAddress(way.family)), 22)
      let listener = try await TCPListener(in: b.namespace, at: target)
      for netfilter in BridgeNetfilter.possible {
        try await inner.site.setBridgeNetfilter(netfilter)
        let connection = try await TCPConnection(from: a.namespace, to: target)
        #expect(try await connection.exchange("one") == "one")
        #expect(await listener.accepted()?.peer.ip == one.guestAddress(way.family))
      }
      #expect(try await inner.manager.check() == [])
    }
  }

  @Test(
    "of two networks nothing passes, whatever the modes, even where both let their own through", arguments: Way.plain)
  func apart(way: Way) async throws {
    try await InnerSite.use(way, allowsInterVM: true) { inner in
      for (number, mode) in Network.Mode.withIPv6.enumerated() {
        try await inner.manager.createNetwork(
          NetworkRequest(
            name: "far-\(mode)", mode: mode,
            subnet6: .prefix(try IPv6Prefix(parsing: "2001:db8:\(80 + number)::/64")),
            settings: NetworkSettings(allowsInterVM: true)))
      }
      let near = try await inner.guest("a")
      for mode in Network.Mode.withIPv6 {
        let far = try await inner.site.guest("b-\(mode)", in: "far-\(mode)")
        for guest in [near, far] { #expect(try await guest.ping(Site.serverIP(way.family))) }
        try await expectNoContact(from: near, to: far, way.family)
        try await expectNoContact(from: far, to: near, way.family)
      }
    }
  }

  @Test("of a bridge nothing passes, on all ways that there are", arguments: BridgeNetfilter.allCases)
  func bridged(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Arena.use { arena in
      try await arena.site.setBridgeNetfilter(bridgeNetfilter)
      let (a, b, forger) = (arena.liar, arena.neighbor, arena.forger)
      let backwards = try await Forger(b, neighbor: a)
      for (sender, forger) in [(a, forger), (b, backwards)] {
        let greetings = Self.greetings(forger, bridgeNetfilter)
        let reach = try await arena.reach(of: greetings, from: sender)
        for (name, places) in reach { #expect(places == [Arena.Place.bridge], "\(name) in \(places)") }
        // What is for everyone, or for the gateway, has come to the host; and what is for the neighbour, which the host
        // passes over.
        #expect(reach.count == greetings.count)
      }
      try await expectNoContact(from: a, to: b)
      try await expectNoContact(from: b, to: a)
    }
  }

  @Test("of a bridge that allows it everything passes", arguments: BridgeNetfilter.allCases)
  func allowed(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      try await site.manager.createNetwork(NetworkRequest(name: "open", settings: NetworkSettings(allowsInterVM: true)))
      let arena = try await Arena(site, in: "open")
      let (a, b) = (arena.liar, arena.neighbor)
      for (one, other) in [(a, b), (b, a)] {
        #expect(try await one.resolve(other.address) == other.mac)
        #expect(try await one.ping(other.address))
        try await one.sendUDP(Array("hello".utf8), to: other.address, port: 7)
        #expect(await other.receiveUDP(port: 7)?.text == "hello")
      }
      // So that the host need not ask for the guest before it passes on what came by way of the gateway.
      #expect(try await b.ping(arena.forger.gateway.address))
      let greetings = Self.greetings(arena.forger, bridgeNetfilter)
      let reach = try await arena.reach(of: greetings)
      for (name, places) in reach { #expect(places.contains(Arena.Place.neighbor), "\(name) in \(places)") }
      #expect(reach.count == greetings.count)
    }
  }

  @Test("that may reach each other nothing forged passes", arguments: BridgeNetfilter.allCases)
  func allowedButNotForged(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      try await site.manager.createNetwork(NetworkRequest(name: "open", settings: NetworkSettings(allowsInterVM: true)))
      let arena = try await Arena(site, in: "open")
      let (forger, neighbor) = (arena.forger, arena.forger.neighbor)
      let gateway = Forger.Identity(mac: forger.own.mac, address: forger.gateway.address)
      let claim = ICMPv6Message.routerAdvertisement(from: forger.own.mac)
      #expect(
        try await arena.reach(of: [
          forger.udp("another MAC", mac: Forger.stranger, to: neighbor.address, at: neighbor.mac),
          forger.udp("another address", from: IPv4Address(172, 30, 0, 99), to: neighbor.address, at: neighbor.mac),
          forger.udp("the gateway's address", from: gateway.address, to: neighbor.address, at: neighbor.mac),
          forger.arp("a claim", .reply, sender: gateway, asking: neighbor, at: neighbor.mac),
          forger.arp("an announcement", .reply, sender: gateway, asking: gateway),
          forger.icmpv6("a router advertisement", claim, to: .allNodes),
          forger.icmpv6("one to it alone", claim, to: .linkLocal(of: neighbor.mac), at: neighbor.mac),
          forger.raw("LLDP", 0x88cc, to: Forger.reserved(0xe)),
          forger.raw("EAPOL", 0x888e, to: neighbor.mac),
        ]) == [:])
    }
  }

  @Test("of two bridges nothing passes, on all ways that there are", arguments: BridgeNetfilter.allCases)
  func acrossNetworks(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      for name: Identifier in ["red", "blue"] {
        try await site.manager.createNetwork(NetworkRequest(name: name, settings: NetworkSettings(allowsInterVM: true)))
      }
      let arena = try await Arena(site, in: "red")
      let (other, _) = try await site.guests(in: "blue")
      try await arena.watch.add("the other network", other.tapName, other.prefix)
      let (forger, target) = (arena.forger, other.address)
      let reach = try await arena.reach(of: [
        forger.udp("by way of its gateway", to: target),
        forger.udp("by way of the other gateway's MAC", to: target, at: try await other.gatewayMAC()),
        forger.udp("directly", to: target, at: other.mac),
        forger.udp("to everyone", to: target, at: .broadcast),
        forger.udp("to the other network's broadcast", to: other.prefix.lastAddress),
        forger.arp("a request", sender: forger.own, asking: .init(mac: .init(0, 0, 0, 0, 0, 0), address: target)),
      ])
      for (name, places) in reach { #expect(!places.contains("the other network"), "\(name)") }
      try await expectNoContact(from: arena.liar, to: other)
      try await expectNoContact(from: other, to: arena.liar)
    }
  }

  /// A guest's own frames to its neighbour, on all ways there are;
  /// the host's ears hear all of them.
  private static func greetings(_ forger: Forger, _ bridgeNetfilter: BridgeNetfilter) -> [Forgery] {
    let (neighbor, gateway) = (forger.neighbor, forger.gateway)
    // br_netfilter waits for the rest of a fragment.
    let fragment = forger.udp("a fragment", to: neighbor.address, at: neighbor.mac) { $0.moreFragments = true }
    return (bridgeNetfilter == .on ? [] : [fragment]) + [
      forger.udp("a datagram", to: neighbor.address, at: neighbor.mac),
      forger.arp("a reply", .reply, sender: forger.own, asking: neighbor, at: neighbor.mac),
      forger.arp("a request to it alone", sender: forger.own, asking: neighbor, at: neighbor.mac),
      forger.arp("a request", sender: forger.own, asking: neighbor),
      forger.udp("a datagram to everyone", to: .init(255, 255, 255, 255), at: .broadcast),
      forger.udp("a datagram to the subnet", to: .init(172, 30, 0, 255), at: .broadcast),
      forger.udp("a datagram to it at everyone's MAC", to: neighbor.address, at: .broadcast),
      forger.udp("a datagram to a group", to: group, at: MACAddress(multicast: group)),
      forger.udp("a datagram by way of the gateway", to: neighbor.address, at: gateway.mac),
    ]
  }

  private static let group = IPv4Address(224, 0, 0, 251)

  private func expectNoContact(
    from one: StandInGuest, to other: StandInGuest, _ family: IPFamily = .v4,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let limit = Duration.milliseconds(150)
    let (own, target) = (one.ownAddress(family), try #require(other.ownAddress(family)))
    #expect(try await one.resolve(target, within: limit) == nil, sourceLocation: sourceLocation)
    #expect(try await !one.ping(target, within: limit), sourceLocation: sourceLocation)
    #expect(
      await other.received(within: .zero) { $0.source == one.mac || $0.addresses?.source == own } == nil,
      sourceLocation: sourceLocation)
  }
}
