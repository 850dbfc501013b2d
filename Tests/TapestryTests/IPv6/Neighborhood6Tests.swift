import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Guests with IPv6", .needsKernel)
struct NeighborhoodTests {
  @Test("find their gateway, and reach the outside, a name for each of them there", arguments: DualSite.modes)
  func outside(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { dual in
      let made = try await dual.attach("web-1")
      #expect(made.gatewayIP6 == Network.gateway6)
      #expect(made.prefixLength6 == 128)
      let own = try #require(made.guestIP6)
      #expect(own == DualSite.prefix.address(of: made.mac))
      let guest = try await dual.site.bootStack(made)
      let listener = try await TCPListener(in: dual.site.internet, at: Endpoint(IPv6Address(rawValue: 0), 80))
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(DualSite.server, 80))
      #expect(try await connection.exchange("one") == "one")
      #expect(await listener.accepted()?.peer.address6 == own)
      // Its link-local address is what the guard takes it to be.
      #expect(
        try await guest.namespace.command("ip", "-6", "address", "show").contains(
          "\(IPv6Address.linkLocal(of: made.mac))"))
      // And the host reaches it.
      let inside = try await TCPListener(in: guest.namespace, at: Endpoint(IPv6Address(rawValue: 0), 22))
      let back = try await TCPConnection(from: dual.site.host, to: Endpoint(own, 22))
      #expect(try await back.exchange("two") == "two")
      #expect(await inside.accepted()?.peer.address6 == dual.hostAddress)
      #expect(try await dual.manager.check() == [])
    }
  }

  @Test("appear under the host's address where there is NAT", arguments: DualSite.modes, [nil, false])
  func nat(mode: Network.Mode, nat6: Bool?) async throws {
    try await DualSite.use(mode, subnet6: .automatic, nat6: nat6) { dual in
      #expect(dual.network.subnet6?.address.isUniqueLocal == true)
      #expect(dual.network.nat6 == (nat6 ?? true))
      let made = try await dual.attach("web-1")
      try await dual.site.internet.command("ip", "-6", "route", "add", "fd00::/8", "via", "\(DualSite.hostAddress)")
      let guest = try await dual.site.bootStack(made)
      let listener = try await TCPListener(in: dual.site.internet, at: Endpoint(IPv6Address(rawValue: 0), 80))
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(DualSite.server, 80))
      #expect(try await connection.exchange("one") == "one")
      #expect(await listener.accepted()?.peer.address6 == (nat6 == false ? made.guestIP6 : DualSite.hostAddress))
    }
  }

  @Test(
    "show their own address nowhere where there is NAT, not in packets of no connection either",
    arguments: DualSite.modes)
  func noLeak(mode: Network.Mode) async throws {
    try await DualSite.use(mode, nat6: true) { dual in
      let guest = try await dual.guest("web-1")
      let forger = try await dual.forger(guest)
      let own = forger.own.global
      let flags: [TCPSegment.Flags] = [.rst, .fin, .ack, [.syn, .ack], []]
      let strays =
        flags.map { flags in
          forger.six("TCP \(flags)", at: forger.gateway.mac) { mark in
            var segment = TCPSegment(from: 40_000, to: 80, flags: flags, sequence: 1, acknowledgement: 1)
            segment.payload = mark.bytes
            return .tcp(segment, from: own, to: DualSite.server)
          }
        }
        + [1, 2, 3, 129, 135, 136, 200].map { type in
          forger.six("ICMPv6 \(type)", at: forger.gateway.mac) { mark in
            .icmpv6(
              ICMPv6Message(type: type, body: [0, 0, 0, 0] + own.bytes + mark.bytes), from: own, to: DualSite.server)
          }
        }
        + [forger.datagram6("a datagram", from: own)]
      let uplink = try await PacketSocket(in: dual.site.host, interface: "uplink")
      for stray in strays { try guest.send(stray.frame) }
      #expect(try await guest.ping6(DualSite.server))
      // What the host has sent before the answer came is complete when that is seen.
      #expect(
        await uplink.captured { $0.frame.ipv6?.icmpv6?.type == ICMPv6Message.echoReply } != nil)
      let captures = uplink.captures.takeAll()
      #expect(captures.contains { $0.isOutgoing && $0.frame.ipv6?.source == DualSite.hostAddress })
      for capture in captures { #expect(capture.frame.ipv6?.source != own, "\(capture.frame)") }
    }
  }

  @Test("are reached by nobody outside who was not asked", arguments: DualSite.modes)
  func inbound(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { dual in
      let made = try await dual.attach("web-1")
      let guest = try await dual.site.bootStack(made)
      let own = try #require(made.guestIP6)
      let inside = try await TCPListener(in: guest.namespace, at: Endpoint(IPv6Address(rawValue: 0), 22))
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(from: dual.site.internet, to: Endpoint(own, 22), within: .milliseconds(300))
      }
      #expect(inside.connections.takeAll() == [])
    }
  }

  @Test(
    "do not reach each other, neither directly nor by way of the gateway", arguments: DualSite.modes,
    BridgeNetfilter.allCases)
  func isolated(mode: Network.Mode, bridgeNetfilter: BridgeNetfilter) async throws {
    try await DualSite.use(mode) { dual in
      try await dual.site.setBridgeNetfilter(bridgeNetfilter)
      let (a, b) = try await dual.site.guests(in: "inner")
      let forger = try await dual.forger(a, neighbor: b)
      let target = forger.neighbor
      let attempts = [
        forger.datagram6("by the gateway", from: forger.own.global, to: target.global),
        forger.datagram6("directly", from: forger.own.global, to: target.global, at: b.mac),
        forger.datagram6("directly, on the link", from: forger.own.linkLocal, to: target.linkLocal, at: b.mac),
        forger.datagram6("to everyone", from: forger.own.linkLocal, to: .allNodes, at: .broadcast),
        forger.discovery(
          "a question", .neighborSolicitation(for: target.global, from: a.mac), from: forger.own.global,
          to: target.global.solicitedNodeGroup),
      ]
      for attempt in attempts { try a.send(attempt.frame) }
      #expect(try await a.ping6(dual.hostAddress))
      #expect(try await b.ping6(dual.hostAddress))
      let seen = Set(b.arrivals.takeAll().compactMap { Mark(in: $0.payload) })
      #expect(attempts.filter { seen.contains($0.mark) }.map(\.name) == [])
      #expect(try await a.resolve6(target.global, within: .milliseconds(200)) == nil)
      #expect(try await !a.ping6(target.global, within: .milliseconds(200)))
    }
  }

  @Test("of one network that allows it reach each other", arguments: DualSite.modes, BridgeNetfilter.allCases)
  func allowed(mode: Network.Mode, bridgeNetfilter: BridgeNetfilter) async throws {
    try await DualSite.use(mode, allowsInterVM: true) { dual in
      try await dual.site.setBridgeNetfilter(bridgeNetfilter)
      let (one, other) = (try await dual.attach("a"), try await dual.attach("b"))
      #expect(one.prefixLength6 == (mode == .bridge ? 64 : 128))
      let (a, b) = (try await dual.site.bootStack(one), try await dual.site.bootStack(other))
      let listener = try await TCPListener(in: b.namespace, at: Endpoint(IPv6Address(rawValue: 0), 22))
      let target = try #require(other.guestIP6)
      let connection = try await TCPConnection(from: a.namespace, to: Endpoint(target, 22))
      #expect(try await connection.exchange("one") == "one")
      #expect(await listener.accepted()?.peer.address6 == one.guestIP6)
      #expect(try await dual.manager.check() == [])
    }
  }

  @Test("of two networks do not, even where both let their own through", arguments: DualSite.modes)
  func acrossNetworks(mode: Network.Mode) async throws {
    try await DualSite.use(mode, allowsInterVM: true) { dual in
      try await dual.manager.createNetwork(
        NetworkRequest(
          name: "far", mode: mode,
          subnet6: .prefix((try? IPv6Prefix(parsing: "2001:db8:8::/64")) ?? DualSite.prefix),
          settings: NetworkSettings(allowsInterVM: true)))
      let near = try await dual.guest("a")
      let far = try await dual.manager.attach(AttachRequest(vmID: "b", network: "far"))
      let other = try await dual.site.boot(far)
      #expect(try await near.ping6(DualSite.server))
      #expect(try await other.ping6(DualSite.server))
      #expect(try await !near.ping6(try #require(far.guestIP6), within: .milliseconds(300)))
    }
  }

  @Test(
    "reach of the host what host access names, at its addresses", arguments: DualSite.modes,
    ["none", "icmp", "dns", "all", "8000-8080/tcp"])
  func hostAccess(mode: Network.Mode, access: String) async throws {
    try await DualSite.use(mode) { dual in
      let site = dual.site
      let guest = try await dual.guest("web-1")
      let stack = try await site.bootStack(try await dual.attach("web-2"))
      try await dual.manager.setHostAccess(network: "inner", try HostAccess(parsing: access))
      let anywhere = IPv6Address(rawValue: 0)
      for port: UInt16 in [53, 8080, 8081] { _ = try await TCPListener(in: site.host, at: Endpoint(anywhere, port)) }
      let limit = Duration.milliseconds(200)
      for address in [dual.hostAddress, DualSite.hostAddress] {
        let pings = ["icmp", "all"].contains(access)
        #expect(try await guest.ping6(address, within: pings ? .patience : limit) == pings, "\(address)")
        for port: UInt16 in [53, 8080, 8081] {
          let isOpen = access == "all" || access == "dns" && port == 53 || access.hasPrefix("8000") && port == 8080
          let connection = try? await TCPConnection(
            from: stack.namespace, to: Endpoint(address, port), within: isOpen ? .patience : limit)
          #expect((connection != nil) == isOpen, "[\(address)]:\(port)")
        }
      }
      // The gateway's address is the next hop, and no more; and it is found whatever the access.
      #expect(try await guest.resolve6(Network.gateway6) != nil)
      #expect(try await guest.resolve6(Network.gateway6, from: .linkLocal(of: guest.mac)) != nil)
      #expect(try await !guest.ping6(Network.gateway6, from: .linkLocal(of: guest.mac), within: limit))
      #expect(try await dual.manager.check() == [])
    }
  }

  @Test("leave nothing behind that the host remembers of them", arguments: DualSite.modes)
  func forgotten(mode: Network.Mode) async throws {
    try await DualSite.use(mode) { dual in
      let made = try await dual.attach("web-1")
      let guest = try await dual.site.boot(made)
      let own = "\(try #require(made.guestIP6))"
      let host = dual.site.host
      #expect(try await host.command("ip", "-6", "neighbour", "show").contains(own))
      // A ping is remembered for 30 seconds.
      #expect(
        try await eventually {
          guard try await guest.ping6(DualSite.server) else { return false }
          return try await host.command("conntrack", "-L", "-f", "ipv6").contains(own)
        })
      try await dual.manager.detach(vmID: "web-1")
      #expect(try await !host.command("ip", "-6", "neighbour", "show").contains(own))
      #expect(try await !host.command("ip", "-6", "route", "show", "table", "all").contains(own))
      #expect(try await !host.command("conntrack", "-L", "-f", "ipv6").contains(own))
    }
  }
}
