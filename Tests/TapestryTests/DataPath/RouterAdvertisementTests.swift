import FoundationEssentials
import Glibc
import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A router's advertisements, of a network with IPv6 and a name server,", .needsKernel)
struct RouterAdvertisementTests {
  private static let nameServer = NameServer(upstreams: [Site.server])

  @Test(
    "configure a guest of stock settings: the address that is its own, the gateway and the MTU, and no more",
    arguments: [false, true], BridgeNetfilter.allCases)
  func stock(allowsInterVM: Bool, bridgeNetfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(subnet6: .site, allowsInterVM: allowsInterVM, mtu: 1400, nameServer: Self.nameServer) {
      inner in
      try await inner.site.setBridgeNetfilter(bridgeNetfilter)
      let (first, second) = (try await inner.attach("web-1"), try await inner.attach("web-2"))
      async let one = inner.site.bootStack(first, knowsIPv6: false)
      async let other = inner.site.bootStack(second, knowsIPv6: false)
      let guests = [(first, try await one), (second, try await other)]
      let listener = try await TCPListener(in: inner.site.internet, at: Endpoint(IPv6Address(rawValue: 0), 80))
      for (made, guest) in guests {
        let own = try #require(made.guestIP6)
        #expect(try await eventually { try await guest.addresses6() == [own, .linkLocal(of: made.mac)] }, "\(made)")
        #expect(try await eventually { try await guest.routes6().contains("default via fe80::1 dev eth0 proto ra") })
        let routes = try await guest.routes6()
        #expect(routes.components(separatedBy: "default").count == 2, "\(routes)")
        #expect(routes.contains(" mtu 1400 "), "\(routes)")
        #expect(routes.contains("\(Site.prefix6) dev eth0") == allowsInterVM, "\(routes)")
        #expect(try await guest.namespace.command("cat", "/proc/sys/net/ipv6/conf/eth0/mtu") == "1400\n")

        let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server6, 80))
        #expect(try await connection.exchange("one") == "one")
        #expect(await listener.accepted()?.peer.address6 == own)
      }
      if allowsInterVM {
        let inside = try await TCPListener(in: guests[1].1.namespace, at: Endpoint(IPv6Address(rawValue: 0), 22))
        let target = try #require(second.guestIP6)
        let connection = try await TCPConnection(from: guests[0].1.namespace, to: Endpoint(target, 22))
        #expect(try await connection.exchange("two") == "two")
        #expect(await inside.accepted()?.peer.address6 == first.guestIP6)
      }
      #expect(try await inner.manager.check() == [])
    }
  }

  @Test(
    "answer who asks, alone: a prefix for addresses, the MTU, no DHCPv6 and no name server", arguments: [false, true])
  func answers(allowsInterVM: Bool) async throws {
    try await InnerSite.use(subnet6: .site, allowsInterVM: allowsInterVM, mtu: 1400, nameServer: Self.nameServer) {
      inner in
      let (a, b) = try await inner.site.guests(in: "inner")
      let bridge = try await a.gatewayMAC()
      for guest in [a, b] {
        let heard = try #require(try await guest.askRouter())
        #expect(heard.source == bridge && heard.ipv6?.source == Network.gateway6 && heard.ipv6?.hopLimit == 255)
        var wanted = RouterAdvertisement(flags: 0, lifetime: 9000)
        wanted.prefixes = [
          .init(
            Site.prefix6.address, length: 64, flags: allowsInterVM ? 0xc0 : 0x40, validLifetime: .max,
            preferredLifetime: .max)
        ]
        (wanted.mtu, wanted.mac) = (1400, bridge)
        #expect(heard.ipv6?.icmpv6?.routerAdvertisement == wanted)
      }
      let others = { (guest: StandInGuest) in
        guest.arrivals.takeAll().filter {
          $0.ipv6?.icmpv6?.type == ICMPv6Message.routerAdvertisement
            && ![.linkLocal(of: guest.mac), .allNodes].contains($0.ipv6?.destination)
        }
      }
      #expect(others(a) == [] && others(b) == [])
      // It has given up root by then, and it serves no DHCPv6.
      let pid = try #require(try await inner.site.nameServers().first)
      let status = try await inner.site.host.command("cat", "/proc/\(pid)/status").split(separator: "\n")
      let users = try #require(status.first { $0.hasPrefix("Uid:") }).split(separator: "\t").dropFirst()
      #expect(users.count == 4 && !users.contains("0"), "\(users)")
      #expect(try await !inner.site.host.command("ss", "-Hlnu").contains(":547"))
    }
  }

  @Test("come unasked too, to all guests")
  func unasked() async throws {
    try await InnerSite.use(subnet6: .site, nameServer: Self.nameServer) { inner in
      let (a, b) = try await inner.site.guests(in: "inner")
      // More often in its first minute.
      for guest in [a, b] {
        let heard = await guest.received {
          $0.ipv6?.destination == .allNodes && $0.ipv6?.icmpv6?.routerAdvertisement != nil
        }
        #expect(heard?.ipv6?.source == Network.gateway6)
      }
    }
  }

  @Test(
    "are not there where the network has no IPv6, no name server, or no bridge",
    arguments: [
      (Network.Mode.bridge, false, true), (.bridge, true, false), (.routed, true, true), (.bridge, false, false),
    ])
  func none(mode: Network.Mode, hasIPv6: Bool, hasNameServer: Bool) async throws {
    try await InnerSite.use(subnet6: .site, nameServer: Self.nameServer) { inner in
      // Beside a network that has them.
      let neighbor = try await inner.guest("web-1")
      try await inner.manager.createNetwork(
        NetworkRequest(
          name: "plain", mode: mode, subnet6: hasIPv6 ? .prefix(try IPv6Prefix(parsing: "2001:db8:8::/64")) : nil,
          settings: NetworkSettings(nameServer: hasNameServer ? Self.nameServer : nil)))
      let made = try await inner.manager.attach(AttachRequest(vmID: "plain", network: "plain"))
      let guest = try await inner.site.boot(made)
      #expect(try await neighbor.askRouter() != nil)
      #expect(try await guest.askRouter(within: .seconds(2)) == nil)
      #expect(
        !guest.arrivals.takeAll().contains { $0.ipv6?.icmpv6?.type == ICMPv6Message.routerAdvertisement })
      // So nothing waits for an answer on a way that leads nowhere.
      await guest.stop()
      let stack = try await inner.site.bootStack(made, knowsIPv6: false)
      let error = await #expect(throws: KernelError.self) {
        _ = try await TCPConnection(from: stack.namespace, to: Endpoint(Site.server6, 443))
      }
      #expect(error?.errno == .networkUnreachable)
      #expect(try await stack.routes6().contains("default") == false)
    }
  }

  @Test("are the host's alone: no guest's is heard by another", arguments: BridgeNetfilter.allCases)
  func rogue(bridgeNetfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(subnet6: .site, allowsInterVM: true, nameServer: Self.nameServer) { inner in
      try await inner.site.setBridgeNetfilter(bridgeNetfilter)
      let rogue = try await inner.guest("rogue")
      let made = try await inner.attach("web-1")
      let victim = try await inner.site.bootStack(made, knowsIPv6: false)
      let own = try #require(made.guestIP6)
      let bad: IPv6Address = "2001:db8:bad::"
      for source in [IPv6Address.linkLocal(of: rogue.mac), Network.gateway6] {
        for target in [IPv6Address.allNodes, own, .linkLocal(of: made.mac)] {
          let packet = IPv6Packet.icmpv6(
            .routerAdvertisement(from: rogue.mac, prefix: bad), from: source, to: target)
          for mac in [rogue.mac, try await rogue.gatewayMAC()] {
            try rogue.send(.ipv6(packet, from: mac, to: target == .allNodes ? nil : made.mac))
          }
        }
      }
      #expect(try await eventually { try await victim.addresses6() == [own, .linkLocal(of: made.mac)] })
      #expect(try await !victim.routes6().contains("\(IPv6Address.linkLocal(of: rogue.mac))"))
    }
  }

  @Test("go on when the bridge gets back the addresses that it has lost", arguments: [["fe80::1"], ["prefix"], nil])
  func addresses(lost: [String]?) async throws {
    try await InnerSite.use(subnet6: .site, nameServer: Self.nameServer) { inner in
      let bridge = inner.network.bridge
      let guest = try await inner.guest("web-1")
      #expect(try await guest.askRouter() != nil)
      let before = try await inner.site.nameServers()
      for name in lost ?? [] {
        let address = try name == "prefix" ? inner.hostAddress6 : Network.gateway6
        try await inner.site.host.command("ip", "address", "del", "\(address)/64", "dev", "\(bridge)")
      }
      // The kernel takes them all.
      if lost == nil { try await inner.site.host.command("ip", "link", "set", "\(bridge)", "down") }
      let drift = try await inner.manager.check()
      #expect(drift.contains { $0.description.contains("lacks its address") }, "\(drift)")
      // First it ends, so that whatever is cut short after that goes on.
      #expect(drift.first?.description == "dnsmasq of network inner has no address to advertise")
      #expect(drift.last?.description == "dnsmasq of network inner has to advertise the bridge's addresses again")
      #expect(try await inner.manager.repair() == drift)
      #expect(try await inner.manager.check() == [])
      #expect(try await Set(inner.site.nameServers()).isDisjoint(with: before))
      _ = guest.arrivals.takeAll()
      let heard = await guest.received {
        $0.ipv6?.destination == .allNodes && $0.ipv6?.icmpv6?.routerAdvertisement?.lifetime == 9000
      }
      #expect(heard?.ipv6?.source == Network.gateway6)
      #expect(try await guest.ping(Site.server6))
    }
  }

  @Test("come from a dnsmasq that is started again, and rebuilt from the kernel's marks; and leave nothing behind")
  func life() async throws {
    try await InnerSite.use(subnet6: .automatic, mtu: 1400, nameServer: Self.nameServer) { inner in
      let manager = inner.manager
      let made = try await inner.attach("web-1")
      let guest = try await inner.site.boot(made)
      #expect(try await guest.askRouter() != nil)
      let before = try await inner.site.nameServers()
      for pid in before { kill(pid, SIGKILL) }
      #expect(try await eventually { try await inner.site.nameServers() == [] })
      #expect(try await manager.check().map(\.description) == ["dnsmasq of network inner is not running"])
      try await manager.repair()
      #expect(try await guest.askRouter() != nil)

      let rig = inner.site.rig
      let started = try await inner.site.nameServers()
      for suffix in ["", "-wal", "-shm"] { _ = unsafe unlink(rig.statePath + suffix) }
      let adopting = try rig.another()
      try await adopting.repair(adopt: true)
      #expect(try await adopting.network(named: "inner") == inner.network)
      #expect(try await inner.site.nameServers() == started)
      #expect(try await adopting.check() == [])

      // One of an earlier version, which sends none.
      let arguments = try OtherProcess(pid: try #require(started.first))?.arguments() ?? []
      for pid in started { kill(pid, SIGKILL) }
      #expect(try await eventually { try await inner.site.host.command("ss", "-Hlntu").isEmpty })
      let old = try await inner.site.host.start(
        arguments: arguments.filter { !$0.contains("ra-") && !$0.contains("option6") } + ["--keep-in-foreground"])
      #expect(
        try await eventually {
          try await adopting.check().map(\.description) == ["dnsmasq of network inner runs with another configuration"]
        })
      try await adopting.repair()
      #expect(try await old.wait().status == 0)
      #expect(try await guest.askRouter() != nil)

      await guest.stop()
      try await adopting.cleanup()
      #expect(try await inner.site.nameServers() == [])
      #expect(try await inner.site.host.command("ss", "-Hlnw").isEmpty)
      #expect(!FileManager.default.fileExists(atPath: rig.statePath + ".d"))
    }
  }
}

extension StandInGuest {
  /// Asks for a router from its own link, again and again.
  /// - Returns: The first answer that is for this guest alone; nil when none has come within `limit`.
  fileprivate func askRouter(within limit: Duration = .patience) async throws -> EthernetFrame? {
    let own = IPv6Address.linkLocal(of: mac)
    let question = IPv6Packet.icmpv6(.routerSolicitation(from: mac), from: own, to: .allRouters)
    return try await sendRepeatedly(.ipv6(question, from: mac), within: limit) { frame in
      frame.ipv6?.destination == own && frame.ipv6?.icmpv6?.type == ICMPv6Message.routerAdvertisement
    }
  }
}

extension NamespaceGuest {
  /// Those that are in use.
  fileprivate func addresses6() async throws -> Set<IPv6Address> {
    let text = try await namespace.command("ip", "-6", "-o", "address", "show", "dev", "eth0", "-tentative")
    let words = text.split(separator: "\n").compactMap { line in
      line.split(separator: " ").drop { $0 != "inet6" }.dropFirst().first
    }
    return Set(words.compactMap { (try? IPv6Address(parsing: String($0.prefix { $0 != "/" }))) })
  }

  fileprivate func routes6() async throws -> String { try await namespace.command("ip", "-6", "route", "show") }
}
