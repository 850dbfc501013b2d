import Linux
import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Of IPv6, past its TAP, a guest's frame comes only as its own", .needsKernel)
struct ForgedDiscoveryTests {
  @Test("where it is a bridge's port, whoever is on the bridge", arguments: BridgeNetfilter.allCases)
  func bridged(bridgeNetfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(subnet6: .site, allowsInterVM: true) { inner in
      try await inner.site.setBridgeNetfilter(bridgeNetfilter)
      let arena = try await Arena(inner.site, in: "inner")
      // Bridged frames then pass connection tracking, which keeps fragments until the packet is whole.
      let isKept = { (forgery: Forgery) in bridgeNetfilter == .on && forgery.isFragment }
      let rightful = arena.forger.rightful6.filter { !isKept($0) }
      let reach = try await arena.reach(of: rightful)
      for forgery in rightful {
        #expect(reach[forgery.name]?.contains(Arena.Place.bridge) == true, "\(forgery.name) was kept back")
      }
      #expect(try await inner.site.host.command("ip", "-6", "route", "show", "proto", "ra") == "")
      #expect(try await arena.reach(of: arena.forger.forgeries6) == [:])
      try await arena.expectHeld(arena.forger.forgeries6.filter { !isKept($0) })
    }
  }

  @Test("where its TAP is routed")
  func routed() async throws {
    try await InnerSite.use(.routed, subnet6: .site, allowsInterVM: true) { inner in
      let (guest, neighbor) = try await inner.site.guests(in: "inner")
      let forger = try await Forger(guest, neighbor: neighbor)
      let probe = try await Probe(of: guest, in: inner)
      let rightful = forger.rightful6.filter { !$0.isFragment }
      for forgery in rightful { #expect(try await probe.sees(forgery), "\(forgery.name) was kept back") }
      try await probe.expectNone(of: forger.forgeries6)
      // Put together again by the kernel, a router advertisement is one.
      for packet in [
        IPv6Packet.icmpv6(.routerAdvertisement(from: guest.mac), from: forger.own.linkLocal, to: .allNodes),
        .icmpv6(.routerAdvertisement(from: guest.mac), from: forger.own.linkLocal, to: .allNodes)
          .withDestinationOptions(),
      ] {
        #expect(try await !probe.sees(packet.fragments(of: 16).map { .ipv6($0, from: guest.mac) }))
      }
      let datagram = IPv6Packet.udp(
        UDPDatagram(from: 40_000, to: 7, payload: [UInt8](repeating: 1, count: 100)), from: forger.own.global,
        to: Site.server6)
      #expect(
        try await probe.sees(datagram.fragments(of: 48).map { .ipv6($0, from: guest.mac, to: forger.gateway.mac) }))

      // It is the guard that holds them.
      try await inner.site.host.command("nft", "delete", "table", "inet", "tapestry")
      for forgery in forger.forgeries6 where !probe.isUnseen(forgery) {
        #expect(try await probe.sees(forgery), "\(forgery.name) is lost elsewhere")
      }
    }
  }

  @Test("not at all, where its network has no IPv6", arguments: Network.Mode.allCases)
  func without(mode: Network.Mode) async throws {
    try await InnerSite.use(subnet6: .site) { inner in
      // Beside a network that has it.
      _ = try await inner.guest("other")
      try await inner.manager.createNetwork(
        NetworkRequest(
          name: "plain", mode: mode, snapshot: mode.snapshot, settings: NetworkSettings(allowsInterVM: true)))
      let (guest, neighbor) = try await inner.site.guests(in: "plain")
      let forger = try await Forger(guest, neighbor: neighbor)
      guard mode == .bridge else {
        let probe = try await Probe(of: guest, in: inner)
        return try await probe.expectNone(of: forger.forgeries6 + forger.rightful6)
      }
      let watch = try await PacketSocket(
        in: inner.site.host, interface: "\(try await inner.manager.network(named: "plain").bridge)")
      for forgery in forger.forgeries6 + forger.rightful6 { try guest.send(forgery.frame) }
      #expect(try await guest.ping(Site.server))
      #expect(await watch.captured { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
      #expect(watch.captures.takeAll().compactMap { Mark(in: $0.frame.payload) } == [])
    }
  }

  @Test("and a guest that has none does not wait for it", arguments: Network.Mode.withIPv6)
  func noDeadRoute(mode: Network.Mode) async throws {
    try await InnerSite.use(subnet6: .site) { inner in
      try await inner.manager.createNetwork(NetworkRequest(name: "plain", mode: mode))
      let guest = try await inner.site.bootStack(
        try await inner.manager.attach(AttachRequest(vmID: "web-1", network: "plain")))
      // Its kernel says so at once, and asks nobody.
      let error = await #expect(throws: KernelError.self) {
        _ = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server6, 443))
      }
      #expect(error?.errno == .networkUnreachable)
    }
  }
}

/// Counts what passes the guard of a routed TAP, in a table of its own behind it.
private struct Probe {
  let inner: InnerSite
  let guest: StandInGuest

  init(of guest: StandInGuest, in inner: InnerSite) async throws {
    self.inner = inner
    self.guest = guest
    let script = """
      table inet probe {
        counter six { }
        chain behind {
          type filter hook prerouting priority -290; iifname "\(guest.tapName)" meta nfproto ipv6 counter name six
        }
      }
      """
    #expect(try await inner.site.host.command(arguments: ["nft", "-f", "-"], input: script).status == 0)
    #expect(try await guest.ping(try #require(guest.gateway)))
  }

  /// What the kernel itself sees to before the guard: a fragment waits for the others, one that is alone is put together,
  /// and what says to be from the loopback is nobody's.
  func isUnseen(_ forgery: Forgery) -> Bool {
    guard let packet = forgery.frame.ipv6 else { return true }
    let isPart = forgery.isFragment && (packet.payload[2], packet.payload[3]) != (0, 0)
    return isPart || forgery.isFragment && forgery.name.contains("echo") || packet.source.isLoopback
  }

  /// Sends all that the guard gets to see, and expects that none of it passes.
  func expectNone(of forgeries: [Forgery], sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let forgeries = forgeries.filter { !isUnseen($0) }
    guard try await sees(forgeries.map(\.frame)) else { return }
    for forgery in forgeries {
      #expect(try await !sees(forgery), "\(forgery.name) has passed", sourceLocation: sourceLocation)
    }
  }

  func sees(_ forgery: Forgery) async throws -> Bool { try await sees([forgery.frame]) }

  /// Sends frames, and tells whether any of them has passed when the answer to a ping that was sent after them is there.
  func sees(_ frames: [EthernetFrame]) async throws -> Bool {
    let before = try await count()
    for frame in frames { try guest.send(frame) }
    #expect(try await guest.ping(try #require(guest.gateway)))
    return try await count() > before
  }

  private func count() async throws -> Int {
    let answer = try await inner.site.host.json("nft", "-j", "list", "counter", "inet", "probe", "six")
    return answer["nftables"].elements.compactMap { $0["counter"]["packets"].int }.first ?? -1
  }
}
