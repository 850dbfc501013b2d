import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A published port", .needsKernel)
struct PublishedTests {
  private static func ports(_ texts: String...) throws -> [PublishedPort] {
    try texts.flatMap([PublishedPort].init(parsing:))
  }

  @Test(
    "is reached from outside under the client's own address, and nothing else of the guest is",
    arguments: Network.Mode.allCases)
  func fromOutside(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let made = try await site.manager.attach(
        AttachRequest(
          vmID: "web-1", network: "inner", settings: .init(published: try Self.ports("8080:80", "5000:53/udp"))))
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: guest.namespace, port: 80)
      let other = try await TCPListener(in: guest.namespace, port: 8080)
      let service = try await UDPSocket(in: guest.namespace, port: 53, echoes: true)

      let connection = try await TCPConnection(from: site.internet, to: Endpoint(Site.hostAddress, 8080))
      #expect(try await connection.exchange("hello") == "hello")
      #expect(await listener.accepted()?.peer.address == Site.server)
      let client = try await UDPSocket(in: site.internet)
      try client.send("who?", to: Endpoint(Site.hostAddress, 5000))
      let answer = await client.received()
      #expect(answer?.text == "who?")
      #expect(answer?.source == Endpoint(Site.hostAddress, 5000))
      #expect(await service.received()?.source.address == Site.server)

      for port: UInt16 in [80, 8081, 5000] {
        await #expect(throws: (any Error).self, "\(port)") {
          _ = try await TCPConnection(
            from: site.internet, to: Endpoint(Site.hostAddress, port), within: .milliseconds(200))
        }
      }
      #expect(other.connections.takeAll() == [])
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("is reached from the host at every address, 127.0.0.1 too", arguments: Network.Mode.allCases)
  func fromHost(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let made = try await site.manager.attach(
        AttachRequest(
          vmID: "web-1", network: "inner", settings: .init(published: try Self.ports("8080:80", "5000:53/udp"))))
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: guest.namespace, port: 80)
      _ = try await UDPSocket(in: guest.namespace, port: 53, echoes: true)
      for address in [Site.hostAddress, inner.network.subnet.gateway, IPv4Address(127, 0, 0, 1)] {
        let connection = try await TCPConnection(from: site.host, to: Endpoint(address, 8080))
        #expect(try await connection.exchange("hello") == "hello", "\(address)")
        #expect(await listener.accepted() != nil)
      }
    }
  }

  @Test(
    "is reached by other guests at the host's addresses: of its network, of another, and by its own",
    arguments: Network.Mode.allCases, BridgeNetfilter.allCases)
  func fromGuests(mode: Network.Mode, bridgeNetfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      // Where br_netfilter sees bridged frames, what is translated for another port of the same bridge would be bridged to
      // it, and dropped between isolated ports: but the entries of our guests are local, and it comes to the host.
      try await site.setBridgeNetfilter(bridgeNetfilter)
      let made = try await site.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(published: try Self.ports("8080:80"))))
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: guest.namespace, port: 80)
      try await site.manager.createNetwork(NetworkRequest(name: "other"))
      let neighbor = try await site.bootStack(try await inner.attach("web-2"))
      let stranger = try await site.bootStack(
        try await site.manager.attach(AttachRequest(vmID: "web-3", network: "other")))
      for (name, client) in [("neighbour", neighbor), ("stranger", stranger), ("itself", guest)] {
        // Clones know their gateway by another address than others do.
        let gateway = name == "stranger" ? inner.network.subnet.gateway : made.gatewayIP
        for address in [Site.hostAddress, gateway] {
          let connection = try await TCPConnection(from: client.namespace, to: Endpoint(address, 8080))
          #expect(try await connection.exchange("hello") == "hello", "\(name) at \(address)")
          #expect(await listener.accepted() != nil)
        }
        // And only so.
        guard name != "itself" else { continue }
        await #expect(throws: (any Error).self, "\(name)") {
          _ = try await TCPConnection(
            from: client.namespace, to: Endpoint(made.address, 80), within: .milliseconds(200))
        }
      }
    }
  }

  @Test(
    "is reached by a guest as far as its policy goes", arguments: Network.Mode.allCases, BridgeNetfilter.allCases)
  func policy(mode: Network.Mode, bridgeNetfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      try await site.setBridgeNetfilter(bridgeNetfilter)
      let made = try await site.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(published: try Self.ports("8080-8081:80"))))
      let guest = try await site.bootStack(made)
      let listeners =
        [try await TCPListener(in: guest.namespace, port: 80)]
        + [try await TCPListener(in: guest.namespace, port: 81)]
      let client = try await site.boot(try await inner.attach("web-2"))
      let limit = Duration.milliseconds(150)
      for reach in [EgressPolicy.Reach.nothing, .internet] {
        try await site.manager.setPolicy(vmID: "web-2", egress: EgressPolicy(reach: reach))
        #expect(try await client.probeTCP(Site.hostAddress, port: 8080, within: limit) == .silence)
        let rule = TrafficRule(.allow, try #require(try [Traffic](parsing: "\(Site.hostAddress):8080/tcp").first))
        try await site.manager.setPolicy(vmID: "web-2", egress: EgressPolicy(reach: reach, rules: [rule]))
        #expect(try await client.probeTCP(Site.hostAddress, port: 8080) == .accepted)
        #expect(try await client.probeTCP(Site.hostAddress, port: 8081, within: limit) == .silence)
      }
      withExtendedLifetime(listeners) {}
    }
  }

  @Test("at one address of the host is at no other")
  func address() async throws {
    try await InnerSite.use(.bridge) { inner in
      let site = inner.site
      let second = IPv4Address(203, 0, 113, 7)
      try await site.host.command("ip", "address", "add", "\(second)/32", "dev", "lo")
      try await site.internet.command("ip", "route", "add", "\(second)/32", "via", "\(Site.hostAddress)")
      let made = try await site.manager.attach(
        AttachRequest(
          vmID: "web-1", network: "inner",
          settings: .init(
            published: try Self.ports("\(second):8080:80", "127.0.0.1:8081:80", "\(Site.hostAddress):8080:81"))))
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: guest.namespace, port: 80)
      let third = try await TCPListener(in: guest.namespace, port: 81)
      _ = try await TCPConnection(from: site.internet, to: Endpoint(second, 8080))
      #expect(await listener.accepted() != nil)
      _ = try await TCPConnection(from: site.internet, to: Endpoint(Site.hostAddress, 8080))
      #expect(await third.accepted() != nil)
      _ = try await TCPConnection(from: site.host, to: Endpoint(IPv4Address(127, 0, 0, 1), 8081))
      #expect(await listener.accepted() != nil)
      for (from, target) in [
        (site.internet, Endpoint(second, 8081)), (site.internet, Endpoint(Site.hostAddress, 8081)),
        (site.host, Endpoint(IPv4Address(127, 0, 0, 1), 8080)),
      ] {
        await #expect(throws: (any Error).self, "\(target)") {
          _ = try await TCPConnection(from: from, to: target, within: .milliseconds(200))
        }
      }
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("comes and goes while the VM runs; connections that came by it end", arguments: Network.Mode.allCases)
  func live(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let (site, manager) = (inner.site, inner.site.manager)
      let guest = try await site.bootStack(try await inner.attach("web-1"))
      let listener = try await TCPListener(in: guest.namespace, port: 80)
      let service = try await UDPSocket(in: guest.namespace, port: 53, echoes: true)
      // A client that asks before anything is published, and goes on asking.
      let client = try await UDPSocket(in: site.internet)
      try client.send("too early", to: Endpoint(Site.hostAddress, 5000))
      #expect(await client.received(within: .milliseconds(100)) == nil)

      try await manager.publish(vmID: "web-1", ports: try Self.ports("8080:80", "8081:80", "5000:53/udp"))
      try client.send("now", to: Endpoint(Site.hostAddress, 5000))
      #expect(await client.received { $0.text == "now" } != nil)
      #expect(await service.received { $0.text == "now" } != nil)
      let first = try await TCPConnection(from: site.internet, to: Endpoint(Site.hostAddress, 8080))
      let second = try await TCPConnection(from: site.internet, to: Endpoint(Site.hostAddress, 8081))
      #expect(try await first.exchange("one") == "one")
      #expect(try await second.exchange("one") == "one")
      #expect(await listener.accepted() != nil)

      try await manager.unpublish(vmID: "web-1", ports: try Self.ports("8080:80"))
      #expect(try await second.exchange("two") == "two")
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(
          from: site.internet, to: Endpoint(Site.hostAddress, 8080), within: .milliseconds(200))
      }
      // The host itself answers now, for whom the connection is none.
      let answer = try? await first.exchange("two", within: .milliseconds(400))
      #expect(answer == nil || answer == "")
      #expect(try await manager.check() == [])

      try await manager.detach(vmID: "web-1")
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(
          from: site.internet, to: Endpoint(Site.hostAddress, 8081), within: .milliseconds(200))
      }
    }
  }

  @Test(
    "from 127.0.0.1 opens nothing that is there to guests, though they may reach all of the host",
    arguments: Network.Mode.allCases)
  func loopback(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      try await site.manager.setHostAccess(network: "inner", try HostAccess(parsing: "all"))
      let guest = try await site.boot(
        try await site.manager.attach(
          AttachRequest(vmID: "web-1", network: "inner", settings: .init(published: try Self.ports("8080:80")))))
      let private127 = try await TCPListener(in: site.host, address: IPv4Address(127, 0, 0, 1), port: 9000)
      let mac = try await guest.gatewayMAC()
      let udp = try await UDPSocket(in: site.host, port: 9000)
      for target in [IPv4Address(127, 0, 0, 1), IPv4Address(127, 1, 2, 3)] {
        let syn = TCPSegment(from: 40_000, to: 9000, flags: .syn, sequence: 1)
        try guest.send(.ipv4(.tcp(syn, from: guest.address, to: target), from: guest.mac, to: mac))
        let datagram = UDPDatagram(from: 40_000, to: 9000, payload: Array("hello".utf8))
        try guest.send(.ipv4(.udp(datagram, from: guest.address, to: target), from: guest.mac, to: mac))
      }
      #expect(try await guest.ping(Site.hostAddress))
      #expect(udp.arrivals.takeAll() == [])
      #expect(private127.connections.takeAll() == [])
      #expect(guest.arrivals.takeAll().allSatisfy { $0.ipv4?.tcp == nil })
      // Without the rules it would have been heard.
      try await site.host.command("nft", "flush", "chain", "inet", "tapestry", "input")
      let datagram = UDPDatagram(from: 40_000, to: 9000, payload: Array("hello".utf8))
      try guest.send(.ipv4(.udp(datagram, from: guest.address, to: .init(127, 0, 0, 1)), from: guest.mac, to: mac))
      #expect(await udp.received() != nil)
    }
  }

  @Test("that an attachment or a program has is PORT_IN_USE, which says by what")
  func inUse() async throws {
    try await Rig.use { rig in
      let (manager, ports) = (rig.manager, try Self.ports("8080:80", "192.0.2.1:53:53/udp"))
      for address in ["192.0.2.1", "192.0.2.2", "192.0.2.9"] {
        try await rig.namespace.command("ip", "address", "add", "\(address)/32", "dev", "lo")
      }
      try await rig.namespace.command("ip", "link", "set", "lo", "up")
      try await manager.attach(AttachRequest(vmID: "a", settings: .init(published: ports)))
      let refuse = { (text: String, words: String) async throws in
        let error = await #expect(throws: TapestryError.self, "\(text)") {
          try await manager.attach(AttachRequest(vmID: "b", settings: .init(published: try Self.ports(text))))
        }
        #expect(error?.code == .portInUse)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
      }
      try await refuse("8080:81", "a/eth0")
      try await refuse("192.0.2.9:8080:80", "a/eth0")
      try await refuse("53:1/udp", "a/eth0")
      try await refuse("192.0.2.1:53:1/udp", "a/eth0")
      // The same again is no other.
      try await manager.attach(AttachRequest(vmID: "a", settings: .init(published: ports)))

      _ = try await TCPListener(in: rig.namespace, address: IPv4Address(127, 0, 0, 1), port: 9000)
      let service = try await UDPSocket(in: rig.namespace, port: 9001)
      try await refuse("9000:80", "(process ")
      try await refuse("127.0.0.1:9000:80", "(process ")
      try await refuse("9001:80/udp", "(process ")
      #expect(try await manager.attachments().map(\.vmID) == ["a"])
      try await manager.attach(
        AttachRequest(
          vmID: "b",
          settings: .init(
            published: try Self.ports("192.0.2.1:9000:80", "9001:80", "8080:80/udp", "192.0.2.2:53:53/udp"))))
      #expect(try await manager.check() == [])
      withExtendedLifetime(service) {}
      try await manager.detachAll()
      try await manager.attach(AttachRequest(vmID: "c", settings: .init(published: ports)))
    }
  }
}

@Suite("A port to be published")
struct PublishedPortTests {
  @Test(
    "is read as the option has it",
    arguments: [
      ("8080:80", ["8080:80/tcp"]), ("8080:80/udp", ["8080:80/udp"]), ("0.0.0.0:8080:80", ["8080:80/tcp"]),
      ("192.0.2.1:8080-8082:80/tcp", (0...2).map { "192.0.2.1:808\($0):8\($0)/tcp" }),
      ("65534-65535:1", ["65534:1/tcp", "65535:2/tcp"]),
    ])
  func parse(text: String, expected: [String]) throws {
    #expect(try [PublishedPort](parsing: text).map(\.description) == expected)
  }

  @Test(
    "that is none is refused",
    arguments: [
      "", "80", "80:", ":80", "80:80/icmp", "80:80/", "0:80", "80:0", "80:65536", "81-80:80", "80-81:65535", "80:1-2",
      "x:80:80", "::1:80:80", "1.2.3:80:80", "80:80/tcp/udp", "-1:80", "08:80",
    ])
  func refused(text: String) {
    let error = #expect(throws: TapestryError.self) { try [PublishedPort](parsing: text) }
    #expect(error?.code == .invalidPort)
  }

  @Test("may not be asked for twice at once")
  func twice() throws {
    for texts in [["80:80", "80:81"], ["80:80", "192.0.2.1:80:80"], ["80-90:80", "85:1"]] {
      let error = #expect(throws: TapestryError.self) { try texts.flatMap([PublishedPort].init(parsing:)).validate() }
      #expect(error?.code == .invalidPort)
    }
    try ["80:80", "80:80/udp", "192.0.2.1:81:80", "192.0.2.2:81:80"].flatMap([PublishedPort].init(parsing:)).validate()
  }
}
