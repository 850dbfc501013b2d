import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("The outside", .needsKernel)
struct OutsideTests {
  @Test(
    "is reached under the host's address where there is NAT, else under the guest's own, and its answers come back",
    arguments: Way.plain, [true, false])
  func outbound(way: Way, nat: Bool) async throws {
    try await InnerSite.use(way, nat: nat) { inner in
      let site = inner.site
      let made = try await inner.attach("web-1")
      let guest = try await site.boot(made)
      let server = Site.serverIP(way.family)
      let listener = try await TCPListener(in: site.internet, at: Endpoint(server, 0))
      for netfilter in BridgeNetfilter.possible {
        try await site.setBridgeNetfilter(netfilter)
        #expect(try await guest.ping(try inner.gateway(way.family)))
        #expect(try await guest.ping(server))
        let seen = try await site.exchange(with: guest, way.family)
        #expect(seen == (nat ? Site.hostIP(way.family) : made.guestAddress(way.family)))
        #expect(try await guest.probeTCP(server, port: listener.local.port) == .accepted)
        #expect(try await guest.probeTCP(server, port: 81) == .refused)
      }
    }
  }

  @Test("has TCP both ways with a guest's whole network stack, which is what attach says", arguments: Way.plain)
  func tcp(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let site = inner.site
      let made = try await inner.attach("web-1")
      if way.family == .v6 {
        #expect(made.gatewayIP6 == Network.gateway6 && made.prefixLength6 == 128)
        #expect(made.guestIP6 == Site.prefix6.address(of: made.mac))
      }
      let guest = try await site.bootStack(made)
      let server = Endpoint(Site.serverIP(way.family), 80)
      let listener = try await TCPListener(in: site.internet, at: server)
      let out = try await TCPConnection(from: guest.namespace, to: server)
      #expect(try await out.exchange("a page") == "a page")
      #expect(await listener.accepted()?.peer.ip == Site.hostIP(way.family))
      // And the host reaches it.
      let own = Endpoint(try #require(made.guestAddress(way.family)), 22)
      let inside = try await TCPListener(in: guest.namespace, at: own)
      let back = try await TCPConnection(from: site.host, to: own)
      #expect(try await back.exchange("a shell") == "a shell")
      #expect(await inside.accepted()?.peer.ip == (try inner.gateway(way.family)))
      // Its link-local address is what the guard takes it to be.
      if way.family == .v6 {
        let addresses = try await guest.namespace.command("ip", "-6", "address", "show")
        #expect(addresses.contains("\(IPv6Address.linkLocal(of: made.mac))"))
      }
      #expect(try await inner.manager.check() == [])
    }
  }

  @Test(
    "never sees a masqueraded guest's own address, not in packets that belong to no connection either",
    arguments: Way.all)
  func noLeak(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let (site, family) = (inner.site, way.family)
      let made = try await inner.attach("web-1")
      let guest = try await site.boot(made)
      let forger = try await Forger(guest)
      let strays = strays(forger, family)
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      let bridge = try await PacketSocket(in: site.host, interface: inner.network.bridge.rawValue)
      for stray in strays { try guest.send(stray.frame) }
      // It does what is its own all the while.
      #expect(try await site.exchange(with: guest, family) == Site.hostIP(family))
      #expect(try await guest.ping(Site.serverIP(family)))
      // What the host has sent before the answer came is complete when that is seen.
      #expect(await uplink.captured { $0.frame.isEchoReply } != nil)
      let names = { (captures: [PacketSocket.Capture]) in
        let marks = Set(captures.compactMap { Mark(in: $0.frame.payload) })
        return Set(strays.filter { marks.contains($0.mark) }.map(\.name))
      }
      // The guard of IPv6 keeps what is no guest's to say.
      if way == Way(family: .v4, mode: .bridge) {
        #expect(names(bridge.captures.takeAll()) == Set(strays.map(\.name)))
      }
      let captures = uplink.captures.takeAll()
      #expect(names(captures).contains("an unknown protocol"))
      let own: Set<IPAddress> = [forger.own.ip(family), .v4(made.address)]
      for capture in captures {
        guard let source = capture.frame.addresses?.source else { continue }
        #expect(!own.contains(source), "\(names([capture]).first ?? "\(capture.frame)")")
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

  @Test("answers a guest at no port where the host, or a published port, may serve others", arguments: Way.all)
  func sourcePorts(way: Way) async throws {
    try await InnerSite.use(way) { inner in
      let site = inner.site
      let guest = try await inner.guest("squatter")
      let (server, host) = (Site.serverIP(way.family), Site.hostIP(way.family))
      let client = try await UDPSocket(in: site.internet, at: Endpoint(server, 5061))
      let service = try await UDPSocket(in: site.host, at: Endpoint(host, 5060))
      // Once it would have had what the client sends to the host's port.
      try await guest.sendUDP([1], to: server, port: 5061, from: 5060)
      let first = await client.received { $0.payload == [1] }
      #expect((32_768...65_535).contains(try #require(first).source.port))
      try client.send("for the host", to: Endpoint(host, 5060))
      #expect(await service.received { $0.text == "for the host" } != nil)
      // Its own answers come.
      try client.send("for the guest", to: try #require(first).source)
      #expect(await guest.receiveUDP(port: 5060)?.payload == Array("for the guest".utf8))
    }
  }

  @Test(
    "does not reach a guest unless asked, not even where it has a route to it", arguments: Way.plain, [true, false])
  func inbound(way: Way, nat: Bool) async throws {
    try await InnerSite.use(way, nat: nat) { inner in
      let site = inner.site
      let made = try await inner.attach("web-1")
      let guest = try await site.boot(made)
      let target = try #require(made.guestAddress(way.family))
      #expect(try await guest.ping(try inner.gateway(way.family)))
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      let (udp, mark) = (try await UDPSocket(in: site.internet, at: Endpoint(.any(way.family), 0)), Mark())
      try udp.send(String(decoding: mark.bytes, as: UTF8.self), to: Endpoint(target, 7))
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(from: site.internet, to: Endpoint(target, 22), within: .milliseconds(150))
      }
      let ping = try await site.internet.command(
        arguments: ["busybox", "ping", way.family.option, "-c", "1", "-W", "1", "\(target)"])
      #expect(ping.status != 0)
      // The host has had all of it.
      let arrivals = [
        await uplink.captured { Mark(in: $0.frame.payload) == mark },
        await uplink.captured { ($0.frame.ipv4?.tcp ?? $0.frame.ipv6?.tcp)?.destinationPort == 22 },
      ]
      #expect(!arrivals.contains(nil))
      // An answer is let in, all the same; what came before it would have been there first.
      let server = Site.serverIP(way.family)
      #expect(try await guest.ping(server))
      #expect(!guest.arrivals.takeAll().contains { $0.addresses?.source == server && !$0.isEchoReply })
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

  /// Packets that connection tracking takes for invalid, or may.
  private func strays(_ forger: Forger, _ family: IPFamily) -> [Forgery] {
    let (own, server) = (forger.own.ip(family), Site.serverIP(family))
    func frame(_ name: String, _ make: (Mark) -> EthernetFrame) -> Forgery { forger.frame(name, make) }
    func packet(_ name: String, _ number: UInt8, _ payload: @escaping (Mark) -> [UInt8]) -> Forgery {
      frame(name) {
        .packet(
          of: .init(rawValue: number), payload($0), from: own, to: server, by: forger.own.mac, at: forger.gateway.mac)
      }
    }
    let flags: [(String, TCPSegment.Flags)] = [
      ("RST", .rst), ("FIN", .fin), ("ACK", .ack), ("SYN and ACK", [.syn, .ack]), ("SYN and FIN", [.syn, .fin]),
      ("RST and ACK", [.rst, .ack]), ("no flag", []), ("all flags", [.fin, .syn, .rst, .psh, .ack]),
    ]
    let segments = flags.map { name, flags in
      frame("a TCP segment with \(name)") { mark in
        var segment = TCPSegment(from: 40_000, to: 80, flags: flags, sequence: 1, acknowledgement: 1)
        segment.payload = mark.bytes
        return .tcp(segment, from: own, to: server, by: forger.own.mac, at: forger.gateway.mac)
      }
    }
    let messages: [Forgery] =
      switch family {
      case .v4: [packet("an echo reply", 1) { ICMPMessage(type: 0, payload: $0.bytes).bytes }]
      case .v6:
        [1, 2, 3, 129, 135, 136, 200].map { type in
          forger.six("ICMPv6 \(type)", at: forger.gateway.mac) {
            .icmpv6(
              ICMPv6Message(type: type, body: [0, 0, 0, 0] + forger.own.global.bytes + $0.bytes),
              from: forger.own.global, to: Site.server6)
          }
        }
      }
    let wrong = frame("a datagram with a wrong checksum") {
      var frame = forger.udp("", to: server).frame
      frame.payload.replaceSubrange(frame.payload.count - $0.bytes.count..<frame.payload.count, with: $0.bytes)
      return frame
    }
    return segments + messages + [wrong, packet("an unknown protocol", 253) { $0.bytes }]
  }
}

extension Site {
  /// Has a guest exchange a datagram with the internet.
  /// - Returns: The address that the internet saw.
  func exchange(
    with guest: StandInGuest, _ family: IPFamily = .v4, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> IPAddress? {
    let service = try await UDPSocket(in: internet, at: Endpoint(Site.serverIP(family), 0), echoes: true)
    let (text, target) = (Array("hello".utf8), Site.serverIP(family))
    let answer = try await guest.exchangeUDP(text, with: target, port: service.local.port)
    #expect(answer == text, sourceLocation: sourceLocation)
    return await service.received { $0.text == "hello" }?.source.ip
  }
}
