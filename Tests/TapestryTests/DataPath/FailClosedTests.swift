import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A guest is cut off rather than let through", .needsKernel)
struct FailClosedTests {
  @Test("when the ruleset loses its elements; repair gives it back what is its own, and its neighbour goes on")
  func elementsLost() async throws {
    try await Arena.use { arena in
      let (site, guest, neighbor) = (arena.site, arena.liar, arena.neighbor)
      let own = arena.forger.own
      let frames = [
        arena.forger.udp("a datagram"), arena.forger.arp("a request", sender: own),
        arena.forger.udp("a forged one", from: neighbor.address), arena.forger.udp("another MAC", mac: Forger.stranger),
      ]
      #expect(try await arena.reach(of: frames).keys.sorted() == ["a datagram", "a request"])
      try await site.host.command(
        "nft", "delete", "element", "bridge", "tapestry", "guests",
        "{ \(guest.tapName) . \(own.mac) . \(own.address) }")
      #expect(try await arena.reach(of: frames) == [:])
      #expect(try await !guest.ping(Site.gateway, within: .milliseconds(150)))
      #expect(try await neighbor.ping(Site.gateway))

      for set in ["guests", "macs"] { try await site.host.command("nft", "flush", "set", "bridge", "tapestry", set) }
      #expect(try await arena.reach(of: frames) == [:])
      #expect(try await !neighbor.ping(Site.gateway, within: .milliseconds(150)))

      try await site.manager.repair()
      #expect(try await arena.reach(of: frames).keys.sorted() == ["a datagram", "a request"])
      #expect(try await guest.ping(Site.server))
      #expect(try await neighbor.ping(Site.server))
    }
  }

  @Test("from the moment that it is detached, though its VMM holds on to the TAP")
  func detached() async throws {
    try await Arena.use { arena in
      #expect(try await arena.liar.ping(Site.gateway))
      try await arena.site.manager.detach(vmID: "a-default")
      #expect(throws: (any Error).self) { try arena.liar.send(arena.forger.udp("a datagram").frame) }
      #expect(try await eventually { !arena.liar.isAttached })
      #expect(try await arena.neighbor.ping(Site.gateway))
    }
  }

  @Test("in the groups in which TAPs are deleted as in its own; and without elements, in both")
  func leaving() async throws {
    try await Arena.use { arena in
      let own = arena.forger.own
      let frames = [
        arena.forger.udp("a datagram"), arena.forger.arp("a request", sender: own),
        arena.forger.udp("a forged one", from: arena.neighbor.address),
      ]
      for group in ["0x74617001", "0x74617080", "0x746170ff"] {
        try await arena.site.host.command("ip", "link", "set", arena.liar.tapName, "group", group)
        #expect(try await arena.reach(of: frames).keys.sorted() == ["a datagram", "a request"])
      }
      for set in ["guests", "macs"] {
        try await arena.site.host.command("nft", "flush", "set", "bridge", "tapestry", set)
      }
      #expect(try await arena.reach(of: frames) == [:])
      // That it is the guard which holds them.
      try await arena.site.host.command("ip", "link", "set", arena.liar.tapName, "group", "0x74617100")
      #expect(try await arena.reach(of: frames).keys.sorted() == ["a datagram", "a forged one", "a request"])
    }
  }

  @Test("while it is detached with many others, however much it sends to the end")
  func eagerToTheEnd() async throws {
    try await Site.use { site in
      let neighbor = try await site.guest("b")
      try await site.manager.createNetwork(NetworkRequest(name: "many"))
      let gateway = IPv4Address(172, 30, 1, 1)
      let service = try await UDPSocket(in: site.host, port: 8080)
      for round in 0..<4 {
        var made: [Tapestry.Attachment] = []
        for number in 0..<24 {
          made.append(try await site.manager.attach(AttachRequest(vmID: "m\(number)", network: "many")))
        }
        let uplink = try await PacketSocket(in: site.host, interface: "uplink")
        let bridge = try await PacketSocket(in: site.host, interface: "svbr1")
        let mac = try MACAddress(parsing: try await site.rig.link("svbr1")["address"].string ?? "")
        let eager = made.prefix(3).map { made in
          let forger = Forger(
            own: .init(mac: made.mac, address: made.guestIP),
            neighbor: .init(mac: neighbor.mac, address: neighbor.address),
            gateway: .init(mac: mac, address: gateway))
          let frames = [mac, .broadcast, Forger.reserved(0xe), made.mac.ofTap].flatMap { destination in
            [
              forger.udp("", from: neighbor.address, to: Site.hostAddress, at: destination, ports: (40_000, 8080)),
              forger.udp("", from: neighbor.address, to: Site.server, at: destination),
              forger.udp("", mac: Forger.stranger, to: Site.server, at: destination),
            ]
          }
          return EagerGuest(in: site.host, tap: made.tapName.rawValue, sending: frames.map(\.frame))
        }
        try #require(try await eventually { eager.allSatisfy { $0.outcome.taken > 100 } }, "round \(round)")
        #expect(try await site.manager.detachAll(network: "many").count == made.count)
        for guest in eager {
          // It is a file without a device now.
          #expect(try await eventually { guest.outcome.refused > 0 })
          await guest.stop()
        }
        #expect(bridge.captures.takeAll().allSatisfy { Mark(in: $0.frame.payload) == nil })
        #expect(uplink.captures.takeAll().allSatisfy { Mark(in: $0.frame.payload) == nil })
      }
      #expect(service.arrivals.takeAll() == [])
      #expect(neighbor.arrivals.takeAll().allSatisfy { Mark(in: $0.payload) == nil })
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("when its TAP is taken off the bridge: it is no interface of the host's")
  func offTheBridge() async throws {
    try await Arena.use { arena in
      let (host, guest, mac) = (arena.site.host, arena.liar, arena.forger.own.mac)
      let service = try await UDPSocket(in: host, port: 8080)
      try await host.command("ip", "link", "set", guest.tapName, "nomaster")
      // To the TAP's own MAC, as to any interface's.
      let tap = mac.ofTap
      let stray = try IPv6Address(parsing: "2001:db8:bad::")
      let router = ICMPv6Message.routerAdvertisement(from: mac, prefix: stray)
      let strays = [
        arena.forger.udp("to the gateway", to: Site.gateway, at: tap, ports: (40_000, 8080)),
        arena.forger.udp("to the host", to: Site.hostAddress, at: tap, ports: (40_000, 8080)),
        arena.forger.udp("from another", from: Site.server, to: Site.hostAddress, at: tap, ports: (40_000, 8080)),
        arena.forger.udp("to the server", at: tap),
        arena.forger.udp("to its neighbour", to: arena.neighbor.address, at: tap),
        arena.forger.icmpv6("a router advertisement", router, to: .allNodes),
      ]
      let watch = try await Watch(on: host)
      try await watch.add("the uplink", "uplink", try IPv4Prefix(containing: Site.server, prefixLength: 24))
      try await watch.add("the bridge", "svbr0", guest.prefix)
      try await watch.add("the neighbour's TAP", arena.neighbor.tapName, guest.prefix)
      let own = try await PacketSocket(in: host, interface: guest.tapName)
      for stray in strays { try guest.send(stray.frame) }
      let last = strays.last?.mark
      #expect(await own.captured { Mark(in: $0.frame.payload) == last } != nil)
      #expect(try await watch.sightings() == [:])
      #expect(try await arena.neighbor.ping(Site.gateway))
      #expect(service.arrivals.takeAll() == [])
      #expect(try await !host.command("ip", "-6", "address", "show").contains("2001:db8:bad"))

      try await arena.site.manager.repair()
      #expect(try await guest.ping(Site.gateway))
      #expect(try await !guest.ping(arena.neighbor.address, within: .milliseconds(150)))
    }
  }

  /// What the kernel looks like when a guest is attached.
  enum Ground: CaseIterable, CustomTestStringConvertible {
    case asUsual, withoutRuleset, withoutBridge

    var testDescription: String {
      switch self {
      case .asUsual: "on a network that is up"
      case .withoutRuleset: "on a network whose tables are gone"
      case .withoutBridge: "on a network whose bridge is gone"
      }
    }
  }

  @Test("while it is attached, however early it sends", arguments: Ground.allCases)
  func eager(ground: Ground) async throws {
    try await Site.use { site in
      let neighbor = try await site.guest("b")
      let gateway = try await neighbor.gatewayMAC()
      let preview = try await site.manager.previewAttach(AttachRequest(vmID: "a")).attachment
      let frames = Self.forgeries(preview, neighbor, gateway)
      let service = try await UDPSocket(in: site.host, port: 8080)
      let uplink = try await PacketSocket(in: site.host, interface: "uplink")
      let eager = EagerGuest(in: site.host, tap: preview.tapName.rawValue, sending: frames.map(\.frame))
      switch ground {
      case .asUsual: break
      case .withoutRuleset:
        for family in ["bridge", "inet"] { try await site.host.command("nft", "delete", "table", family, "tapestry") }
      case .withoutBridge: try await site.host.command("ip", "link", "delete", "svbr0")
      }
      #expect(try await eventually { eager.outcome.attempts > 0 })
      #expect(try await site.manager.attach(AttachRequest(vmID: "a")) == preview)
      #expect(try await eventually { eager.outcome.taken > 500 })
      await eager.stop()

      #expect(service.arrivals.takeAll() == [])
      #expect(neighbor.arrivals.takeAll().allSatisfy { Mark(in: $0.payload) == nil })
      #expect(uplink.captures.takeAll().allSatisfy { Mark(in: $0.frame.payload) == nil })
      let known = try await site.host.json("ip", "-j", "neighbour", "show").elements
      #expect(!known.contains { $0["lladdr"] == .string("\(preview.mac)") })
      #expect(try await !site.manager.check().contains { $0.description.contains("a/eth0") })
      let guest = try await site.boot(preview)
      #expect(try await guest.ping(Site.server))
    }
  }

  @Test("while its TAP is put back on the bridge, however much it sends")
  func eagerInRepair() async throws {
    try await Site.use { site in
      let neighbor = try await site.guest("b")
      let gateway = try await neighbor.gatewayMAC()
      let made = try await site.manager.attach(AttachRequest(vmID: "a"))
      let forger = Forger(
        own: .init(mac: made.mac, address: made.guestIP), neighbor: .init(mac: neighbor.mac, address: neighbor.address),
        gateway: .init(mac: gateway, address: made.gatewayIP))
      // Its own, but not for its neighbour; and one that is not its own, by the way around the guard.
      let claim = Forger.Identity(mac: made.mac, address: .init(172, 30, 0, 99))
      let frames = [
        forger.udp("", to: .init(255, 255, 255, 255), at: .broadcast),
        forger.arp("", sender: claim, at: Forger.reserved(0xe)),
      ]
      let eager = EagerGuest(in: site.host, tap: made.tapName.rawValue, sending: frames.map(\.frame))
      #expect(try await eventually { eager.outcome.taken > 0 })
      for _ in 0..<10 {
        try await site.host.command("ip", "link", "set", made.tapName.rawValue, "nomaster")
        try await site.host.command("ip", "neighbour", "flush", "all")
        try await site.manager.repair()
        let before = eager.outcome.taken
        try #require(try await eventually { eager.outcome.taken > before })
        let known = try await site.host.json("ip", "-j", "neighbour", "show", "dev", made.tapName.rawValue)
        #expect(known == [])
      }
      await eager.stop()
      #expect(neighbor.arrivals.takeAll().allSatisfy { Mark(in: $0.payload) == nil })
    }
  }

  private static func forgeries(
    _ own: Tapestry.Attachment, _ neighbor: StandInGuest, _ gatewayMAC: MACAddress
  ) -> [Forgery] {
    let gateway = Forger.Identity(mac: gatewayMAC, address: own.gatewayIP)
    let forger = Forger(
      own: .init(mac: own.mac, address: own.guestIP), neighbor: .init(mac: neighbor.mac, address: neighbor.address),
      gateway: gateway)
    let claim = Forger.Identity(mac: own.mac, address: neighbor.address)
    let destinations = [gatewayMAC, .broadcast, Forger.reserved(0xe), neighbor.mac, own.mac.ofTap]
    return destinations.flatMap { destination in
      [
        forger.udp("", from: neighbor.address, to: Site.hostAddress, at: destination, ports: (40_000, 8080)),
        forger.udp("", from: neighbor.address, to: Site.server, at: destination),
        forger.udp("", mac: Forger.stranger, to: Site.hostAddress, at: destination, ports: (40_000, 8080)),
        forger.arp("", sender: claim, at: destination),
      ]
    }
  }
}
