import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("One guest's questions to the name server", .needsKernel, .serialized)
struct NameLimitTests {
  @Test("leave others theirs: by UDP so many a second come through", arguments: Network.Mode.allCases)
  func datagrams(mode: Network.Mode) async throws {
    try await InnerSite.useNames(mode) { inner in
      let site = inner.site
      let hog = try await inner.guest("hog")
      let other = try await inner.guest("other")
      // Something that counts, in the name server's place.
      try await inner.endNameServer()
      let server = try await UDPSocket(
        in: site.host, address: inner.network.subnet.gateway, port: 53, echoes: true)
      let gateway = try #require(hog.gateway)
      _ = try await hog.exchangeUDP([0], with: gateway, port: 53)
      let hop = try await hog.gatewayMAC()
      let start = ContinuousClock.now
      for number in UInt16(1)...400 {
        // From one port, and from many: what goes on counts like what begins.
        let datagram = UDPDatagram(from: number % 2 == 0 ? 5000 : 5000 + number, to: 53, payload: [1])
        try hog.send(.ipv4(.udp(datagram, from: hog.address, to: gateway), from: hog.mac, to: hop))
      }
      #expect(try await other.exchangeUDP([2], with: try #require(other.gateway), port: 53) == [2])
      #expect(await server.received { $0.payload == [2] } != nil)
      let count = server.arrivals.takeAll().count { $0.payload == [1] }
      let elapsed = Int((ContinuousClock.now - start) / .seconds(1)) + 1
      #expect((150...200 + 100 * elapsed).contains(count), "\(count)")
    }
  }

  @Test("leave others theirs: of TCP it has four connections", arguments: Network.Mode.allCases)
  func connections(mode: Network.Mode) async throws {
    try await InnerSite.useNames(mode) { inner in
      let hog = try await inner.guest("hog")
      let other = try await inner.guest("other")
      let hop = try await hog.gatewayMAC()
      let gateway = try #require(hog.gateway)
      func segment(_ port: UInt16, _ flags: TCPSegment.Flags, sequence: UInt32, acknowledgement: UInt32 = 0) throws {
        let segment = TCPSegment(
          from: port, to: 53, flags: flags, sequence: sequence, acknowledgement: acknowledgement)
        try hog.send(.ipv4(.tcp(segment, from: hog.address, to: gateway), from: hog.mac, to: hop))
      }
      for port in UInt16(2001)...2025 { try segment(port, .syn, sequence: 100) }
      var open = 0
      while let answer = await hog.received(
        within: open < 4 ? .patience : .milliseconds(300), matching: { $0.ipv4?.tcp?.flags == [.syn, .ack] })
      {
        let tcp = try #require(answer.ipv4?.tcp)
        open += 1
        try segment(tcp.destinationPort, .ack, sequence: 101, acknowledgement: tcp.sequence &+ 1)
      }
      #expect(open == 4)
      #expect(try await other.ask("example.org", hopefully: .patience) == .addresses(Upstream.example))
      let drift = try await inner.site.manager.check()
      #expect(drift == [], "\(drift)")
    }
  }
}

extension InnerSite {
  /// Ends the network's name server, and waits until its port is free.
  fileprivate func endNameServer() async throws {
    for process in try await site.nameServers() { try await site.host.command("kill", "\(process)") }
    #expect(try await eventually { try await site.nameServers().isEmpty })
  }
}

extension StandInGuest {
  /// Asks its gateway over TCP (RFC 7766), by hand: a connection, a question, its answer.
  fileprivate func ask(_ name: String, hopefully limit: Duration) async throws -> DNSMessage.Answer? {
    let (hop, target) = (try await gatewayMAC(), try #require(gateway))
    let port = UInt16.random(in: 10_000...60_000)
    func frame(_ flags: TCPSegment.Flags, _ sequence: UInt32, _ acknowledgement: UInt32, _ payload: [UInt8] = [])
      -> EthernetFrame
    {
      var segment = TCPSegment(
        from: port, to: 53, flags: flags, sequence: sequence, acknowledgement: acknowledgement)
      segment.payload = payload
      return .ipv4(.tcp(segment, from: address, to: target), from: mac, to: hop)
    }
    let answer = try await sendRepeatedly(frame(.syn, 100, 0), within: limit) {
      $0.ipv4?.tcp?.destinationPort == port && $0.ipv4?.tcp?.flags == [.syn, .ack]
    }
    guard let opened = answer?.ipv4?.tcp else { return nil }
    let question = DNSMessage.query(name, id: 7)
    let message = [UInt8(question.count >> 8), UInt8(question.count & 0xff)] + question
    let reply = try await sendRepeatedly(
      frame([.psh, .ack], 101, opened.sequence &+ 1, message), within: limit
    ) { $0.ipv4?.tcp?.destinationPort == port && $0.ipv4?.tcp?.payload.isEmpty == false }
    return reply?.ipv4?.tcp.flatMap { DNSMessage.answer(Array($0.payload.dropFirst(2)), id: 7) }
  }
}
