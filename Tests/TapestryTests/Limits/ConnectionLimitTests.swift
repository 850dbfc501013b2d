import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A guest's connections", .needsKernel, .serialized)
struct ConnectionLimitTests {
  private static let standard = Int(MaximumConnections.standard)

  @Test(
    "are limited, whoever says nothing of it, so that others still reach the same server",
    arguments: Network.Mode.allCases)
  func standard(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let server = try await UDPSocket(in: site.internet, address: Site.server, port: 7, echoes: true)
      let made = try await inner.attach("hog")
      let hog = try await site.boot(made)
      let other = try await site.boot(try await inner.attach("other"))
      // All the ports that the host has towards one server, and more.
      try await hog.flood(1...65_535, to: .v4(Site.server), port: 7)
      let count = try await site.connections(of: .v4(made.address))
      #expect((1...Self.standard).contains(count), "\(count)")
      #expect(try await other.exchangeUDP([7], with: Site.server, port: 7) == [7])
      let own = try await UDPSocket(in: site.host)
      try own.send("host", to: Endpoint(Site.server, 7))
      #expect(await own.received { $0.payload == Array("host".utf8) } != nil)
      #expect(try await site.manager.check() == [])
      _ = server
    }
  }

  @Test("are counted in both families together, of every protocol", arguments: Network.Mode.withIPv6)
  func families(mode: Network.Mode) async throws {
    try await InnerSite.use(mode, subnet6: .site) { inner in
      let site = inner.site
      _ = try await UDPSocket(in: site.internet, at: Endpoint(Site.server6, 7), echoes: true)
      _ = try await UDPSocket(in: site.internet, address: Site.server, port: 7, echoes: true)
      let made = try await site.manager.attach(
        AttachRequest(vmID: "hog", network: "inner", settings: .init(maxConnections: .atMost(60))))
      let hog = try await site.boot(made)
      try await hog.flood(1001...1020, to: .v6(Site.server6), port: 7)
      try await hog.flood(1001...1020, to: .v4(Site.server), port: 7)
      let hop = try await hog.gatewayMAC()
      for identifier in UInt16(1)...200 {
        let echo = ICMPMessage.echoRequest(identifier: identifier, sequence: 1)
        try hog.send(.ipv4(.icmp(echo, from: hog.address, to: Site.server), from: hog.mac, to: hop))
      }
      let address6 = try #require(made.guestIP6)
      let count6 = try await site.connections(of: .v6(address6))
      let count = try await site.connections(of: .v4(made.address))
      #expect(count6 == 20)
      #expect((40 - 1...40).contains(count), "\(count)")
      #expect(try await site.guestReaches(Site.server6, from: "other"))
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("of TCP are given back as they end, and an accomplice does not help", arguments: Network.Mode.allCases)
  func given(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let listener = try await TCPListener(in: site.internet, address: Site.server, port: 80)
      let made = try await site.manager.attach(
        AttachRequest(vmID: "hog", network: "inner", settings: .init(maxConnections: .atMost(40))))
      let hog = try await site.boot(made)
      let other = try await site.boot(try await inner.attach("other"))
      let hop = try await hog.gatewayMAC()
      func segment(_ port: UInt16, _ flags: TCPSegment.Flags, sequence: UInt32, acknowledgement: UInt32 = 0) throws {
        let segment = TCPSegment(
          from: port, to: 80, flags: flags, sequence: sequence, acknowledgement: acknowledgement)
        try hog.send(.ipv4(.tcp(segment, from: hog.address, to: Site.server), from: hog.mac, to: hop))
      }
      for port in UInt16(2001)...2060 { try segment(port, .syn, sequence: 100) }
      var open: [UInt16: UInt32] = [:]
      while let answer = await hog.received(
        within: open.count < 40 ? .patience : .milliseconds(300), matching: { $0.ipv4?.tcp?.flags == [.syn, .ack] })
      {
        let tcp = try #require(answer.ipv4?.tcp)
        open[tcp.destinationPort] = tcp.sequence
        try segment(tcp.destinationPort, .ack, sequence: 101, acknowledgement: tcp.sequence &+ 1)
      }
      #expect(open.count == 40)
      #expect(try await other.probeTCP(Site.server, port: 80) == .accepted)
      #expect(try await hog.probeTCP(Site.server, port: 80, within: .milliseconds(300)) == .silence)
      for (port, sequence) in open {
        try segment(port, [.rst, .ack], sequence: 101, acknowledgement: sequence &+ 1)
      }
      #expect(try await hog.probeTCP(Site.server, port: 80) == .accepted)
      _ = listener
    }
  }

  @Test("to the host itself count, and what comes from outside to published ports does not")
  func hostAndPublished() async throws {
    try await Site.use { site in
      let made = try await site.manager.attach(
        AttachRequest(
          vmID: "web-1",
          settings: .init(
            published: [PublishedPort(hostPort: 8080, guestPort: 80, transport: .udp)], maxConnections: .atMost(20))))
      let guest = try await site.boot(made)
      let hop = try await guest.gatewayMAC()
      // What begins outside is not the guest's.
      let client = try await (0..<30).asyncMap { _ in try await UDPSocket(in: site.internet) }
      for socket in client {
        try socket.send("hello", to: Endpoint(Site.hostAddress, 8080))
        #expect(await guest.receiveUDP(port: 80) != nil)
      }
      for identifier in UInt16(1)...64 {
        let echo = ICMPMessage.echoRequest(identifier: identifier, sequence: 1)
        try guest.send(.ipv4(.icmp(echo, from: guest.address, to: Site.gateway), from: guest.mac, to: hop))
      }
      #expect(try await site.connections(of: .v4(made.address)) == 20)
    }
  }

  @Test("that go one way are as fast as they are: only the first packet begins one")
  func oneWay() async throws {
    try await Site.use { site in
      let sink = try await UDPSocket(in: site.internet, address: Site.server, port: 9)
      let guest = try await site.boot(
        try await site.manager.attach(AttachRequest(vmID: "web-1", settings: .init(maxConnections: .atMost(1)))))
      for number in 0..<3000 {
        try await guest.sendUDP(Array("\(number)".utf8), to: Site.server, port: 9)
        if number % 50 == 49 { #expect(await sink.received { $0.payload == Array("\(number)".utf8) } != nil) }
      }
    }
  }

  @Test("have no limit where there is none, and change while the guest runs", arguments: Network.Mode.allCases)
  func none(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let made = try await site.manager.attach(
        AttachRequest(
          vmID: "free", network: "inner",
          settings: .init(rateLimit: RateLimit(transmitPackets: 100_000), maxConnections: .unlimited)))
      let guest = try await site.boot(made)
      _ = try await UDPSocket(in: site.internet, address: Site.server, port: 7)
      try await guest.flood(10_001...16_000, to: .v4(Site.server), port: 7)
      #expect(try await site.connections(of: .v4(made.address)) == 6000)
      // One rate limit stays as it is while the other changes.
      for limit in [MaximumConnections.atMost(6001), .atMost(100), .atMost(MaximumConnections.standard), nil] {
        let changed = try await site.manager.update(vmID: "free") { $0.maxConnections = limit }
        #expect(changed.map(\.settings.maxConnections) == [limit])
        #expect(changed.map(\.settings.rateLimit) == [RateLimit(transmitPackets: 100_000)])
        #expect(try await site.manager.check() == [])
      }
      let changed = try await site.manager.update(vmID: "free") { $0.rateLimit = RateLimit() }
      #expect(changed.map(\.settings.maxConnections) == [nil])
    }
  }

  @Test("have a chain while some guest has a limit of its own, and leave nothing behind")
  func chains() async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      try await manager.attach(AttachRequest(vmID: "a"))
      let before = try await rig.kernelState()
      func limits() async throws -> [String] {
        let text = try await rig.namespace.command("nft", "list", "chains", "inet")
        return text.split(separator: "\n").filter { $0.contains("chain connections.") }
          .map { $0.drop { $0 == "\t" } }
          .map { String($0.split(separator: " ").dropFirst().first ?? "") }.sorted()
      }
      #expect(try await limits() == ["connections.4096"])
      try await manager.attach(AttachRequest(vmID: "b", settings: .init(maxConnections: .atMost(300))))
      try await manager.attach(AttachRequest(vmID: "c", settings: .init(maxConnections: .atMost(300))))
      try await manager.attach(AttachRequest(vmID: "d", settings: .init(maxConnections: .unlimited)))
      #expect(try await limits() == ["connections.300", "connections.4096"])
      await #expect(throws: TapestryError.self) {
        try await manager.attach(AttachRequest(vmID: "c", settings: .init(maxConnections: .atMost(301))))
      }
      #expect(try await manager.check() == [])

      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(
        try await other.attachments().map(\.settings.maxConnections) == [nil, .atMost(300), .atMost(300), .unlimited])
      #expect(try await other.check() == [])
      // What is altered is put back, with the limits.
      try await rig.namespace.command("nft", "flush", "chain", "inet", "tapestry", "connections.300")
      #expect(try await !other.check().isEmpty)
      try await other.repair()
      #expect(try await other.check() == [])
      #expect(try await limits() == ["connections.300", "connections.4096"])

      try await other.detach(vmID: "b")
      #expect(try await limits() == ["connections.300", "connections.4096"])
      try await other.detach(vmID: "c")
      try await other.detach(vmID: "d")
      #expect(try await limits() == ["connections.4096"])
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("that are no number are refused", arguments: ["", "0", "-1", "x", "010", "99999999999", "unlimited"])
  func refused(text: String) {
    let error = #expect(throws: TapestryError.self) { try MaximumConnections(parsing: text) }
    #expect(error?.code == .invalidLimit)
  }
}

extension Site {
  /// Whether a guest that comes now reaches a server.
  fileprivate func guestReaches(_ target: IPv6Address, from vm: Identifier) async throws -> Bool {
    let guest = try await guest(vm, in: "inner")
    return try await guest.ping(target)
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async throws -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
