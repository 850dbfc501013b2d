import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A guest whose TAP is routed", .needsKernel)
struct RoutedTests {
  @Test("reaches the outside under the host's address, or its own where there is no NAT", arguments: [true, false])
  func outside(nat: Bool) async throws {
    try await RoutedSite.use(nat: nat) { routed in
      let guest = try await routed.site.guest("web-1", in: "inner")
      #expect(try await guest.ping(routed.network.subnet.gateway))
      #expect(try await guest.ping(Site.server))
      #expect(try await routed.site.exchange(with: guest) == (nat ? Site.hostAddress : guest.address))
    }
  }

  @Test("has TCP both ways with a whole network stack")
  func tcp() async throws {
    try await RoutedSite.use { routed in
      let made = try await routed.attach("web-1")
      let guest = try await routed.site.bootStack(made)
      let server = try await TCPListener(in: routed.site.internet, port: 80)
      let out = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 80))
      #expect(try await out.exchange("a page") == "a page")
      #expect(await server.accepted()?.peer.address == Site.hostAddress)
      let service = try await TCPListener(in: guest.namespace, port: 22)
      let back = try await TCPConnection(from: routed.site.host, to: Endpoint(made.guestIP, 22))
      #expect(try await back.exchange("a shell") == "a shell")
      #expect(await service.accepted()?.peer.address == made.gatewayIP)
    }
  }

  @Test("sends nothing from another address or MAC past its TAP")
  func forgedSenders() async throws {
    try await RoutedSite.use { routed in
      let (liar, neighbor) = try await routed.site.guests(in: "inner")
      #expect(try await liar.ping(Site.server))
      let forger = try await Forger(liar, neighbor: neighbor)
      let sources = [
        neighbor.address, forger.gateway.address, Site.hostAddress, Site.metadata, IPv4Address(172, 30, 77, 99),
        IPv4Address(203, 0, 113, 9),
      ]
      var forgeries = sources.map { forger.udp("from \($0)", from: $0) }
      forgeries += [
        forger.udp("from nobody's MAC", mac: Forger.stranger),
        forger.udp("from its neighbour's MAC", mac: neighbor.mac),
        forger.udp("a fragment from its neighbour", from: neighbor.address) { $0.fragmentOffset = 3 },
        forger.udp("an unknown protocol from its neighbour", from: neighbor.address) {
          $0.protocolNumber = .init(rawValue: 253)
        },
      ]
      #expect(try await routed.escaped([forger.udp("its own")] + forgeries, from: liar) == ["its own"])
      // It is the guard, and the TAP's settings, that hold them.
      try await routed.lower(liar.tapName)
      let passing = try await routed.escaped(forgeries, from: liar)
      #expect(passing.isSuperset(of: ["from 203.0.113.9", "from nobody's MAC", "from its neighbour's MAC"]))
    }
  }

  @Test("leaves no trace of forged ARP in the host's table, and gets no answer to it")
  func forgedARP() async throws {
    try await RoutedSite.use { routed in
      let (liar, neighbor) = try await routed.site.guests(in: "inner")
      let forger = try await Forger(liar, neighbor: neighbor)
      let before = try await routed.neighbors()
      #expect(before.count == 2)
      let claims = (1...200).map { Forger.Identity(mac: forger.own.mac, address: IPv4Address(172, 30, 200, $0)) }
      let forgeries =
        claims.map { forger.arp("claim of \($0.address)", sender: $0) } + [
          forger.arp("its neighbour's", sender: forger.neighbor),
          forger.arp("its own address at another MAC", sender: .init(mac: Forger.stranger, address: liar.address)),
          forger.arp("its own on another's frame", sender: forger.own, from: Forger.stranger),
          forger.arp(
            "a reply for its neighbour", .reply, sender: .init(mac: liar.mac, address: neighbor.address),
            asking: forger.gateway, at: forger.gateway.mac),
        ]
      _ = liar.arrivals.takeAll()
      for forgery in forgeries { try liar.send(forgery.frame) }
      #expect(try await liar.ping(Site.server))
      #expect(try await routed.neighbors() == before)
      #expect(liar.arrivals.takeAll().compactMap(\.arp) == [])
      #expect(try await neighbor.ping(Site.server))
      // The table and the TAP's setting hold it, each by itself.
      try await routed.lower(liar.tapName)
      for forgery in forgeries.prefix(3) { try liar.send(forgery.frame) }
      #expect(try await liar.ping(Site.server))
      #expect(try await routed.neighbors().count > before.count)
    }
  }

  @Test("reaches no other guest, unless the network allows it, and then no other network's", arguments: [false, true])
  func isolation(allowed: Bool) async throws {
    try await RoutedSite.use(allowsInterVM: allowed) { routed in
      let (one, two) = try await routed.site.guests(in: "inner")
      let limit = allowed ? Duration.patience : .milliseconds(150)
      // Without the setting, the host does not say it knows the way; by way of the gateway it does not go either.
      #expect(try await one.ping(two.address, within: limit) == allowed)
      let forger = try await Forger(one, neighbor: two)
      let direct = forger.udp("by the gateway", to: two.address)
      try one.send(direct.frame)
      #expect(try await one.ping(Site.server))
      let seen = await two.received(within: allowed ? .patience : .milliseconds(150)) {
        Mark(in: $0.payload) == direct.mark
      }
      #expect((seen != nil) == allowed)

      try await routed.site.manager.createNetwork(
        NetworkRequest(name: "other", mode: .routed, settings: NetworkSettings(allowsInterVM: true)))
      let bridged = try await routed.site.guest("bridged")
      for stranger in [try await routed.site.guest("stranger", in: "other"), bridged] {
        #expect(try await !one.ping(stranger.address, within: .milliseconds(150)))
        #expect(try await !stranger.ping(one.address, within: .milliseconds(150)))
      }
    }
  }

  @Test("reaches no port of the host and no metadata, and is reached by nobody from outside")
  func closed() async throws {
    try await RoutedSite.use(nat: false) { routed in
      let site = routed.site
      let guest = try await site.guest("web-1", in: "inner")
      let tcp = try await TCPListener(in: site.host, port: 8080)
      try await site.internet.command("ip", "address", "add", "\(Site.metadata)/32", "dev", "isp")
      try await site.host.command("ip", "route", "add", "169.254.0.0/16", "via", "\(Site.server)")
      let limit = Duration.milliseconds(150)
      for address in [routed.network.subnet.gateway, Site.hostAddress] {
        #expect(try await guest.ping(address))
        #expect(try await guest.probeTCP(address, port: 8080, within: limit) == .silence)
      }
      #expect(try await guest.probeTCP(Site.metadata, port: 80, within: limit) == .silence)
      #expect(tcp.connections.takeAll() == [])
      let ping = try await site.internet.command(
        arguments: ["busybox", "ping", "-c", "1", "-W", "1", "\(guest.address)"])
      #expect(ping.status != 0)
      #expect(try await guest.ping(Site.server))
    }
  }

  @Test("and its fragments are put together under its own address alone", arguments: [Network.Mode.routed, .clone])
  func fragments(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { routed in
      let guest = try await routed.site.guest("web-1", in: "inner")
      let gateway = try await guest.gatewayMAC()
      let held = { try await routed.site.host.command("grep", "^FRAG:", "/proc/net/sockstat") }
      let none = try await held()
      func send(from source: IPv4Address) throws {
        var packet = IPv4Packet.udp(
          UDPDatagram(from: 40_000, to: 7, payload: [UInt8](repeating: 1, count: 64)), from: source, to: Site.server)
        packet.identification = 7
        try guest.send(.ipv4(packet.fragments(of: 32)[1], from: guest.mac, to: gateway))
      }
      for source in [Site.server, Site.hostAddress, routed.network.subnet.gateway, IPv4Address(203, 0, 113, 9)] {
        try send(from: source)
      }
      #expect(try await guest.ping(Site.server))
      #expect(try await held() == none)
      try send(from: guest.address)
      #expect(try await eventually { try await held() != none })
    }
  }

  @Test("has no IPv6, nor has its TAP")
  func ipv6() async throws {
    try await RoutedSite.use { routed in
      let (liar, neighbor) = try await routed.site.guests(in: "inner")
      let forger = try await Forger(liar, neighbor: neighbor)
      let addresses = try await routed.site.host.command("ip", "-o", "-6", "address", "show", "dev", liar.tapName)
      #expect(addresses == "")
      let group = try IPv6Address(parsing: "ff02::1")
      try liar.send(forger.udp6("to all", to: group).frame)
      #expect(try await liar.ping(Site.server))
      #expect(try await routed.site.host.command("ip", "-6", "neighbour", "show", "dev", liar.tapName) == "")
    }
  }
}

extension RoutedSite {
  /// The host's neighbours on guests' TAPs.
  fileprivate func neighbors() async throws -> Set<String> {
    let entries = try await site.host.json("ip", "-j", "neighbour", "show").elements
    return Set(
      entries.filter { $0["dev"].string?.hasPrefix("sv") == true }.compactMap { entry in
        guard let address = entry["dst"].string, let device = entry["dev"].string else { return nil }
        return "\(address) dev \(device) \(entry["lladdr"].string ?? "")"
      })
  }
}
