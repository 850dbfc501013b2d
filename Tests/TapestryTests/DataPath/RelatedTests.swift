import NetTypes
import Tapestry
import TestKit
import Testing

/// An ICMP error is believed of the connection that it quotes, and the sender writes the quotation.
@Suite("A guest's errors are about what it was sent, and nothing else", .needsKernel)
struct RelatedTests {
  @Test(
    "quoting the host's or a neighbour's connection with outside, they reach neither", arguments: Network.Mode.allCases)
  func others(mode: Network.Mode) async throws {
    try await use(mode) { site, guest, gateway in
      let service = try await TCPListener(in: site.internet, port: 80)
      let connection = try await TCPConnection(from: site.host, to: Endpoint(Site.server, 80))
      let accepted = try #require(await service.accepted())
      let watch = try await PacketSocket(in: site.internet, interface: "isp")
      let mtu = try await site.host.command("ip", "route", "get", "\(Site.server)")

      // As the server would have sent it, and as the host would.
      let toHost = IPv4Packet.tcp(
        TCPSegment(from: 80, to: accepted.peer.port, flags: .ack, sequence: 1), from: Site.server, to: Site.hostAddress)
      let toServer = IPv4Packet.tcp(
        TCPSegment(from: accepted.peer.port, to: 80, flags: .ack, sequence: 1), from: Site.hostAddress, to: Site.server)
      for (quoted, target) in [(toHost, Site.server), (toServer, Site.hostAddress)] {
        for (type, code, rest) in [(3, 3, 0), (3, 4, 600), (11, 0, 0), (12, 0, 0)] as [(UInt8, UInt8, UInt32)] {
          let error = ICMPMessage(type: type, code: code, rest: rest, payload: quoted.bytes)
          for source in [guest.address, Site.server] {
            try guest.send(.ipv4(.icmp(error, from: source, to: target), from: guest.mac, to: gateway))
          }
        }
      }
      // What it may do goes on.
      #expect(try await guest.ping(Site.server))
      #expect(await watch.captured { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
      #expect(!watch.captures.takeAll().contains { ![0, 8, nil].contains($0.frame.ipv4?.icmp?.type) })
      #expect(try await connection.exchange("still there") == "still there")
      #expect(try await site.host.command("ip", "route", "get", "\(Site.server)") == mtu)
    }
  }

  @Test("about its own connections they arrive: a port that nobody listens on", arguments: Network.Mode.allCases)
  func own(mode: Network.Mode) async throws {
    try await use(mode) { site, guest, gateway in
      let answer = try await answeredDatagram(site, guest)
      let watch = try await PacketSocket(in: site.internet, interface: "isp")
      let error = ICMPMessage(type: 3, code: 3, payload: answer.bytes)
      try guest.send(.ipv4(.icmp(error, from: guest.address, to: Site.server), from: guest.mac, to: gateway))
      let frame = await watch.captured { $0.frame.ipv4?.icmp?.type == 3 }?.frame
      let seen = try #require(frame?.ipv4.flatMap(QuotingError.init))
      #expect(seen.quoted.source == Site.server && seen.quoted.destination == Site.hostAddress)
    }
  }

  @Test("nor do they say of the host's address that its path takes shorter packets", arguments: Network.Mode.allCases)
  func pathMTU(mode: Network.Mode) async throws {
    try await use(mode) { site, guest, gateway in
      let answer = try await answeredDatagram(site, guest)
      let watch = try await PacketSocket(in: site.internet, interface: "isp")
      for code: UInt8 in [4, 3] {
        let error = ICMPMessage(type: 3, code: code, rest: 552, payload: answer.bytes)
        try guest.send(.ipv4(.icmp(error, from: guest.address, to: Site.server), from: guest.mac, to: gateway))
      }
      // The other error passes, and came after.
      let errors = await watch.captured { $0.frame.ipv4?.icmp?.type == 3 }
      #expect(errors?.frame.ipv4?.icmp?.code == 3)
      #expect(try await !site.internet.command("ip", "route", "get", "\(Site.hostAddress)").contains("mtu"))
    }
  }

  @Test("over IPv6 too", arguments: Network.Mode.withIPv6)
  func ipv6(mode: Network.Mode) async throws {
    try await InnerSite.use(mode, subnet6: .site, nat6: true) { inner in
      let site = inner.site
      let service = try await TCPListener(in: site.internet, at: Endpoint(Site.server6, 80))
      let connection = try await TCPConnection(from: site.host, to: Endpoint(Site.server6, 80))
      let port = try #require(await service.accepted()).peer.port
      let guest = try await inner.guest("a")
      let forger = try await Forger(guest)
      let route = try await site.host.command("ip", "-6", "route", "get", "\(Site.server6)")
      let quoted = IPv6Packet.tcp(
        TCPSegment(from: 80, to: port, flags: .ack, sequence: 1), from: Site.server6, to: Site.hostAddress6)
      let answer = IPv6Packet.udp(
        UDPDatagram(from: 7, to: 40_000, payload: []), from: Site.server6, to: forger.own.global)
      // The host knows what an answer to this is about.
      try guest.send(forger.udp6("a question", from: forger.own.global).frame)
      var forgeries: [Forgery] = []
      for (name, packet) in [("another's", quoted), ("its own", answer)] {
        for (type, rest) in [(1, 4), (2, 1280), (3, 0), (4, 0)] as [(UInt8, UInt32)] {
          let body = (0..<4).map { UInt8(truncatingIfNeeded: rest >> (24 - 8 * UInt32($0))) }
          let message = ICMPv6Message(type: type, body: body + packet.bytes)
          forgeries.append(
            forger.icmpv6(
              "\(type) about \(name)", message, from: forger.own.global, to: Site.server6, at: forger.gateway.mac))
        }
      }
      #expect(
        try await inner.escaped(forgeries, from: guest).allSatisfy { $0.hasSuffix("its own") && !$0.hasPrefix("2 ") })
      #expect(try await inner.escaped(forgeries, from: guest).contains { $0.hasSuffix("its own") })
      #expect(try await connection.exchange("still there") == "still there")
      #expect(try await site.host.command("ip", "-6", "route", "get", "\(Site.server6)") == route)
    }
  }

  @Test("nor does what a helper expects of them pass a policy: the port that a server of FTP names")
  func helper() async throws {
    try await Site.use { site in
      let rules = try [Traffic](parsing: "\(Site.server):21/tcp").map { TrafficRule(.allow, $0) }
      _ = try await site.manager.createNetwork(
        NetworkRequest(name: "inner", settings: NetworkSettings(egress: EgressPolicy(reach: .nothing, rules: rules))))
      let guest = try await site.bootStack(try await site.manager.attach(AttachRequest(vmID: "a", network: "inner")))
      // The administrator's own table.
      let loading = try await site.host.command(
        arguments: ["nft", "-f", "-"],
        input: """
          table inet helpers {
            ct helper ftp { type "ftp" protocol tcp; }
            chain prerouting { type filter hook prerouting priority filter; tcp dport 21 ct helper set "ftp"; }
          }
          """)
      _ = try loading.checked()
      let control = try await TCPListener(in: site.internet, port: 21)
      let data = try await TCPListener(in: site.internet, port: 8080)
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 21))
      // The helper reads whole lines; the first tells it where they begin.
      #expect(try await connection.exchange("220 ready\r\n") == "220 ready\r\n")
      let announcement = "227 Entering Passive Mode (198,51,100,2,31,144)\r\n"
      #expect(try await connection.exchange(announcement) == announcement)
      #expect(try await site.host.command("conntrack", "-L", "expect").contains("dport=8080"))
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 8080), within: .seconds(1))
      }
      #expect(data.connections.takeAll() == [])
      #expect(try await connection.exchange("still there") == "still there")
      _ = control
    }
  }

  /// Has the guest ask the server something, and returns the answer as it came.
  private func answeredDatagram(_ site: Site, _ guest: StandInGuest) async throws -> IPv4Packet {
    let service = try await UDPSocket(in: site.internet, echoes: true)
    try await guest.sendUDP(Array("hello".utf8), to: Site.server, port: service.local.port, from: 40_007)
    #expect(await guest.receiveUDP(port: 40_007) != nil)
    return .udp(
      UDPDatagram(from: service.local.port, to: 40_007, payload: Array("hello".utf8)), from: Site.server,
      to: guest.address)
  }

  private func use(
    _ mode: Network.Mode, _ body: (Site, StandInGuest, MACAddress) async throws -> Void
  ) async throws {
    try await Site.use { site in
      _ = try await site.manager.createNetwork(
        NetworkRequest(name: "inner", mode: mode, snapshot: mode.snapshot))
      let guest = try await site.guest("a", in: "inner")
      try await body(site, guest, try await guest.gatewayMAC())
    }
  }
}
