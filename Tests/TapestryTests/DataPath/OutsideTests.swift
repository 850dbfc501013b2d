import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("The outside", .needsKernel)
struct OutsideTests {
  @Test("is reached under the host's address, and its answers come back", arguments: BridgeNetfilter.allCases)
  func masqueraded(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      let guest = try await site.guest("web-1")
      #expect(try await guest.ping(Site.gateway))
      #expect(try await guest.ping(Site.server))
      #expect(try await site.exchange(with: guest) == Site.hostAddress)

      let listener = try await TCPListener(in: site.internet)
      #expect(try await guest.probeTCP(Site.server, port: listener.local.port) == .accepted)
      #expect(try await guest.probeTCP(Site.server, port: 81) == .refused)
    }
  }

  @Test("sees the guest's own address where the network has no NAT", arguments: BridgeNetfilter.allCases)
  func routed(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Site.use { site in
      try await site.setBridgeNetfilter(bridgeNetfilter)
      try await site.manager.createNetwork(NetworkRequest(name: "plain", settings: NetworkSettings(nat: false)))
      let guest = try await site.guest("web-1", in: "plain")
      #expect(try await guest.ping(Site.server))
      #expect(try await site.exchange(with: guest) == guest.address)
      #expect(try await guest.probeTCP(Site.server, port: 81) == .refused)
    }
  }

  @Test("never sees a masqueraded guest's own address, not in packets that belong to no connection either")
  func noLeak() async throws {
    try await Arena.use { arena in
      let (site, forger) = (arena.site, arena.forger)
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      let strays = Self.strays.map { name, packet in
        forger.frame(name) { mark in
          .ipv4(packet(mark, forger.own.address), from: forger.own.mac, to: forger.gateway.mac)
        }
      }
      let reach = try await arena.reach(of: strays)
      #expect(strays.allSatisfy { reach[$0.name]?.contains(Arena.Place.bridge) == true })
      #expect(reach["an unknown protocol"]?.contains(Arena.Place.uplink) == true)
      // It does what is its own all the while.
      #expect(try await site.exchange(with: arena.liar) == Site.hostAddress)
      for capture in uplink.captures.takeAll() {
        guard let packet = capture.frame.ipv4 else { continue }
        let name = Mark(in: packet.payload).flatMap { mark in strays.first { $0.mark == mark }?.name }
        #expect(packet.source != forger.own.address, "\(name ?? "\(packet)")")
      }
    }
  }

  @Test("nor in those of a connection that the kernel confirmed when its first packet was sent to everybody")
  func confirmedBroadcast() async throws {
    try await Arena.use { arena in
      let (site, forger) = (arena.site, arena.forger)
      // Only then does a bridge's broadcast become a connection.
      try await site.setBridgeNetfilter(.on)
      let watch = try await PacketSocket(in: site.internet, interface: "isp")
      for port: UInt16 in 40_001...40_008 {
        try arena.liar.send(forger.udp("to everybody", at: .broadcast, ports: (port, 7)).frame)
        try arena.liar.send(forger.udp("to the server", ports: (port, 7)).frame)
      }
      #expect(try await arena.liar.ping(Site.server))
      #expect(await watch.captured { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
      let sources = watch.captures.takeAll().compactMap { $0.frame.ipv4?.source }
      #expect(!sources.contains(forger.own.address))
    }
  }

  @Test(
    "answers a guest at no port where the host, or a published port, may serve others", arguments: Network.Mode.allCases
  )
  func sourcePorts(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let site = inner.site
      let guest = try await site.boot(try await inner.attach("squatter"))
      let client = try await UDPSocket(in: site.internet, address: Site.server, port: 5061)
      let service = try await UDPSocket(in: site.host, address: Site.hostAddress, port: 5060)
      // Once it would have had what the client sends to the host's port.
      try await guest.sendUDP([1], to: Site.server, port: 5061, from: 5060)
      let first = await client.received { $0.payload == [1] }
      #expect((32_768...65_535).contains(try #require(first).source.port))
      try client.send("for the host", to: Endpoint(Site.hostAddress, 5060))
      #expect(await service.received { $0.text == "for the host" } != nil)
      // Its own answers come.
      try client.send("for the guest", to: try #require(first).source)
      #expect(await guest.receiveUDP(port: 5060)?.payload == Array("for the guest".utf8))
    }
  }

  /// Packets that connection tracking takes for invalid, or may.
  private static let strays: [(String, @Sendable (Mark, IPv4Address) -> IPv4Packet)] = {
    let flags: [(String, TCPSegment.Flags)] = [
      ("RST", .rst), ("FIN", .fin), ("ACK", .ack), ("SYN and ACK", [.syn, .ack]), ("SYN and FIN", [.syn, .fin]),
      ("RST and ACK", [.rst, .ack]), ("no flag", []), ("all flags", [.fin, .syn, .rst, .psh, .ack]),
    ]
    let segments = flags.map { name, flags in
      let make: @Sendable (Mark, IPv4Address) -> IPv4Packet = { mark, source in
        var segment = TCPSegment(from: 40_000, to: 80, flags: flags, sequence: 1, acknowledgement: 1)
        segment.payload = mark.bytes
        return .tcp(segment, from: source, to: Site.server)
      }
      return ("a TCP segment with \(name)", make)
    }
    let message: @Sendable (Mark, IPv4Address) -> IPv4Packet = { mark, source in
      .icmp(ICMPMessage(type: 0, payload: mark.bytes), from: source, to: Site.server)
    }
    let wrong: @Sendable (Mark, IPv4Address) -> IPv4Packet = { mark, source in
      var packet = IPv4Packet.udp(
        UDPDatagram(from: 40_000, to: 7, payload: mark.bytes), from: source, to: Site.server)
      packet.payload[7] ^= 0xff
      return packet
    }
    let unknown: @Sendable (Mark, IPv4Address) -> IPv4Packet = { mark, source in
      IPv4Packet(
        source: source, destination: Site.server, protocolNumber: .init(rawValue: 253), payload: mark.bytes)
    }
    return segments + [
      ("an echo reply", message), ("a datagram with a wrong checksum", wrong), ("an unknown protocol", unknown),
    ]
  }()

  @Test("does not reach a guest unless asked, not even where it has a route to it", arguments: [true, false])
  func inbound(nat: Bool) async throws {
    try await Site.use { site in
      try await site.manager.createNetwork(NetworkRequest(name: "inner", settings: NetworkSettings(nat: nat)))
      let guest = try await site.guest("web-1", in: "inner")
      #expect(try await guest.ping(try #require(guest.gateway)))
      let watch = try await Watch(on: site.host)
      try await watch.add("the uplink", "uplink", try IPv4Prefix(containing: Site.server, prefixLength: 24))
      try await watch.add("the TAP", guest.tapName, guest.prefix)
      let (udp, mark) = (try await UDPSocket(in: site.internet), Mark())
      try udp.send(String(decoding: mark.bytes, as: UTF8.self), to: Endpoint(guest.address, 7))
      // Sent from another namespace: seen when the host has it, which the host's own requests do not tell.
      var places: Set<String> = []
      let deadline = ContinuousClock.now + .patience
      while places.isEmpty, ContinuousClock.now < deadline { places = try await watch.sightings()[mark] ?? [] }
      #expect(places == ["the uplink"])
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(
          from: site.internet, to: Endpoint(guest.address, 22), within: .milliseconds(150))
      }
      let ping = try await site.internet.command(
        arguments: ["busybox", "ping", "-c", "1", "-W", "1", "\(guest.address)"])
      #expect(ping.status != 0)
      #expect(await guest.received(within: .zero) { $0.ipv4?.source == Site.server } == nil)
      // An answer is let in, all the same.
      #expect(try await guest.ping(Site.server))
    }
  }

  @Test("at 169.254.0.0/16 is not for guests, though the host reaches it", arguments: BridgeNetfilter.allCases)
  func metadata(bridgeNetfilter: BridgeNetfilter) async throws {
    try await Arena.use { arena in
      let site = arena.site
      try await site.setBridgeNetfilter(bridgeNetfilter)
      try await site.internet.command("ip", "address", "add", "\(Site.metadata)/32", "dev", "isp")
      try await site.host.command("ip", "route", "add", "169.254.0.0/16", "via", "\(Site.server)")
      let listener = try await TCPListener(in: site.internet, address: Site.metadata, port: 80)
      let connection = try await TCPConnection(from: site.host, to: Endpoint(Site.metadata, 80))
      #expect(try await connection.exchange("token") == "token")
      #expect(await listener.accepted() != nil)

      let limit = Duration.milliseconds(150)
      #expect(try await arena.liar.probeTCP(Site.metadata, port: 80, within: limit) == .silence)
      #expect(try await !arena.liar.ping(Site.metadata, within: limit))
      let forger = arena.forger
      let targets = [Site.metadata, .init(169, 254, 0, 1), .init(169, 254, 255, 255)]
      let reach = try await arena.reach(of: targets.map { forger.udp("\($0)", to: $0) })
      #expect(reach == Dictionary(uniqueKeysWithValues: targets.map { ("\($0)", [Arena.Place.bridge]) }))
      #expect(listener.connections.takeAll() == [])
      // Next to it, the way is open.
      #expect(try await arena.reach(of: [forger.udp("the server")])["the server"]?.contains(Arena.Place.uplink) == true)
    }
  }
}

extension Site {
  /// Has a guest exchange a datagram with the internet.
  /// - Returns: The address that the internet saw.
  func exchange(
    with guest: StandInGuest, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> IPv4Address? {
    let service = try await UDPSocket(in: internet, echoes: true)
    let answer = try await guest.exchangeUDP(Array("hello".utf8), with: Site.server, port: service.local.port)
    #expect(answer == Array("hello".utf8), sourceLocation: sourceLocation)
    return await service.received { $0.text == "hello" }?.source.address
  }
}
