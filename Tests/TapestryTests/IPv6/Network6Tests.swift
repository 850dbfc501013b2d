import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Networks with IPv6, on the kernel", .needsKernel)
struct Network6Tests {
  private static let prefix = DualSite.prefix

  private static func request(
    _ mode: Network.Mode = .bridge, _ subnet6: Subnet6Request? = .prefix(prefix), mtu: Int? = nil
  ) -> NetworkRequest {
    NetworkRequest(name: "inner", mode: mode, mtu: mtu, subnet6: subnet6)
  }

  @Test("drift is named and mended", arguments: DualSite.modes)
  func drift(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(Self.request(mode))
      let made = try await rig.manager.attach(AttachRequest(vmID: "a", network: "inner"))
      let own = "\(try #require(made.guestIP6))"
      let link = mode == .bridge ? "svbr1" : "svaeth0"
      let rules = try await rig.namespace.command("nft", "list", "ruleset")
      var hands: [ForeignHand] = [
        .init(commands: [["ip", "-6", "address", "flush", "dev", "svbr1"]], words: "lacks its address 2001:db8:7::1"),
        .init(
          commands: [["ip", "-6", "neighbour", "flush", "dev", link, "nud", "permanent"]],
          words: "lacks the neighbour \(own)"),
        .init(commands: [["sysctl", "-q", "-w", "net.ipv6.conf.all.forwarding=0"]], words: "conf/all/forwarding is 0"),
        .init(commands: [["sysctl", "-q", "-w", "net.ipv6.conf.svbr1.accept_ra=2"]], words: "accepts guests' router"),
        .init(commands: [["ip", "link", "set", "svbr1", "down"]], words: "svbr1 is down"),
        .init(commands: [["nft", "flush", "set", "inet", "tapestry", "host_ping6"]], words: "were altered"),
        .init(commands: [["nft", "flush", "set", "inet", "tapestry", "special_use6"]], words: "were altered"),
        .init(commands: [["nft", "flush", "chain", "bridge", "tapestry", "from_guest6"]], words: "were altered"),
        .init(commands: [["ip", "link", "del", "svaeth0"]], words: "svaeth0 of a/eth0 is missing"),
        .init(commands: [["nft", "flush", "ruleset"]], words: "are missing"),
      ]
      if mode == .bridge {
        hands.append(
          .init(commands: [["nft", "flush", "set", "bridge", "tapestry", "guests6"]], words: "were altered"))
      } else {
        hands.append(
          .init(commands: [["nft", "flush", "set", "inet", "tapestry", "routed6"]], words: "were altered"))
        hands.append(
          .init(commands: [["ip", "-6", "route", "del", own, "dev", "svaeth0"]], words: "lacks the route to \(own)"))
        hands.append(
          .init(commands: [["ip", "-6", "address", "flush", "dev", "svaeth0"]], words: "lacks its address fe80::1"))
        hands.append(.init(commands: [["ip", "link", "set", "svaeth0", "down"]], words: "svaeth0 of a/eth0 is down"))
      }
      for hand in hands {
        for command in hand.commands {
          #expect(try await rig.namespace.command(arguments: command).status == 0, "\(hand)")
        }
        let drift = try await rig.manager.check()
        #expect(drift.contains { $0.description.contains(hand.words) }, "\(hand): \(drift)")
        #expect(try await rig.manager.repair() == drift, "\(hand)")
        #expect(try await rig.manager.check() == [], "\(hand)")
        #expect(try await rig.namespace.command("nft", "list", "ruleset") == rules, "\(hand)")
      }
    }
  }

  @Test("are rebuilt from the kernel when the state file is lost, their policies too", arguments: DualSite.modes)
  func adopted(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      var request = Self.request(mode, .automatic)
      request.settings.egress = EgressPolicy(
        reach: .internet, rules: try DualSite.rules(.allow, "fd00::/8", "10.0.0.0/8"))
      request.settings.hostAccess = try HostAccess(parsing: "icmp,8080/tcp")
      let network = try await rig.manager.createNetwork(request)
      let own = EgressPolicy(
        reach: .nothing,
        rules: try DualSite.rules(.allow, "[2001:db8::/32]:443/tcp") + (try DualSite.rules(.deny, "2001:db8::7")))
      let made = try await rig.manager.attach(AttachRequest(vmID: "a", network: "inner", settings: .init(egress: own)))
      let before = try await rig.kernelState6()
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.check() == [])
      #expect(try await rig.kernelState6() == before)
      let adopted = try await other.network(named: "inner")
      #expect(adopted.subnet6 == network.subnet6 && adopted.nat6 == network.nat6)
      #expect(adopted.settings.hostAccess == network.settings.hostAccess)
      #expect(Set(adopted.settings.egress.rules.map(\.description)).isSuperset(of: ["allow 10.0.0.0/8"]))
      #expect(try await other.attachments(vmID: "a").first?.guestIP6 == made.guestIP6)
    }
  }

  @Test("leave nothing behind", arguments: DualSite.modes)
  func cleanup(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState6()
      try await rig.manager.createNetwork(Self.request(mode))
      for vm: Identifier in ["a", "b"] { try await rig.manager.attach(AttachRequest(vmID: vm, network: "inner")) }
      #expect(try await rig.manager.check() == [])
      try await rig.manager.detach(vmID: "a")
      #expect(try await rig.manager.check() == [])
      try await rig.manager.cleanup()
      #expect(try await rig.kernelState6() == before)
    }
  }

  @Test("what overlaps is refused, by whom it is named")
  func overlaps() async throws {
    try await Rig.use { rig in
      let host = rig.namespace
      try await host.command("ip", "link", "add", "eth9", "type", "veth", "peer", "name", "eth8")
      for link in ["eth8", "eth9"] { try await host.command("ip", "link", "set", link, "up") }
      try await host.command("ip", "address", "add", "2001:db8:1::9/48", "dev", "eth9", "nodad")
      try await host.command("ip", "-6", "route", "add", "2001:db8:2::/48", "dev", "eth9")
      try await host.command("ip", "-6", "route", "add", "unreachable", "2001:db8:3::/48")
      try await host.command("ip", "-6", "route", "add", "default", "dev", "eth9")
      let create = { (name: Identifier, prefix: String) in
        _ = try await rig.manager.createNetwork(
          NetworkRequest(name: name, subnet6: try Subnet6Request(parsing: prefix)))
      }
      try await expectCode(.subnetOverlap) { try await create("x", "2001:db8:1:5::/64") }
      try await expectCode(.subnetOverlap) { try await create("x", "2001:db8:2:5::/64") }
      // Out of a prefix that was delegated to the host, and that it refuses where it is not in use.
      try await create("delegated", "2001:db8:3:5::/64")
      try await expectCode(.subnetOverlap) { try await create("x", "2001:db8:3:5::/64") }
      try await create("other", "2001:db8:3:6::/64")
      #expect(try await rig.manager.networks().filter { $0.subnet6 != nil }.count == 2)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("what cannot have IPv6 is refused, and nothing is made")
  func refusals() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState6()
      var clone = Self.request(.clone)
      clone.snapshot = RoutedSite.snapshot
      try await expectCode(.invalidMode) { try await rig.manager.createNetwork(clone) }
      try await expectCode(.invalidMTU) { try await rig.manager.createNetwork(Self.request(mtu: 1279)) }
      try await expectCode(.invalidSubnet) {
        try await rig.manager.createNetwork(Self.request(.bridge, .prefix(try IPv6Prefix(parsing: "2001:db8::/48"))))
      }
      try await rig.namespace.command("sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1")
      for mode in DualSite.modes {
        let error = await #expect(throws: TapestryError.self) {
          try await rig.manager.createNetwork(Self.request(mode))
        }
        #expect(error?.code == .kernelUnsupported)
        #expect(error?.remedies.contains(.set(.subnet6)) == true)
      }
      #expect(try await rig.kernelState6() == before)
      // Without, all is as ever.
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("turn forwarding on as long as there is one, and the host goes on believing its routers")
  func forwarding() async throws {
    try await Rig.use { rig in
      let host = rig.namespace
      let router = try await Self.router(of: host)
      try await host.command("sysctl", "-q", "-w", "net.ipv6.conf.lo.accept_ra=0")
      try await rig.manager.attach(AttachRequest(vmID: "plain"))
      let settings = { () async throws -> [String] in
        var values: [String] = []
        for name in [
          "all.forwarding", "default.forwarding", "default.accept_ra", "wan0.forwarding", "wan0.accept_ra",
          "lo.accept_ra",
        ] {
          values.append(try await host.command("sysctl", "-n", "net.ipv6.conf.\(name)"))
        }
        return values.map { String($0.dropLast()) }
      }
      let route = { () async throws -> String in try await host.command("ip", "-6", "route", "show", "default") }
      let before = try await settings()
      #expect(before == ["0", "0", "1", "0", "1", "0"])
      #expect(try await route().contains("\(IPv6Address.linkLocal(of: router.mac)) dev wan0 proto ra"))

      for name: Identifier in ["one", "two"] {
        try await rig.manager.createNetwork(NetworkRequest(name: name, subnet6: .automatic))
        #expect(try await settings() == ["1", "1", "2", "1", "2", "0"])
        #expect(try await route().contains("dev wan0 proto ra"))
      }
      #expect(try await host.command("sysctl", "-n", "net.ipv6.conf.svbr1.accept_ra") == "0\n")
      try await rig.manager.removeNetwork(named: "one")
      #expect(try await settings() == ["1", "1", "2", "1", "2", "0"])
      try await rig.manager.removeNetwork(named: "two")
      // Though another network, of IPv4, is there.
      #expect(try await settings() == before)
      #expect(try await route().contains("dev wan0 proto ra"))
      #expect(try await rig.manager.check() == [])
      #expect(try await host.command("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n")
    }
  }

  /// A router outside that a host has heard.
  private static func router(of host: TestNamespace) async throws -> StandInGuest {
    try await host.command("ip", "tuntap", "add", "wan0", "mode", "tap")
    try await host.command("ip", "link", "set", "wan0", "up")
    let mac = MACAddress(0x02, 0xaa, 0, 0, 0, 9)
    let router = try await StandInGuest(in: host, tap: "wan0", mac: mac, address: Site.server)
    let advertisement = IPv6Packet.icmpv6(.routerAdvertisement(from: mac), from: .linkLocal(of: mac), to: .allNodes)
    let hasHeard = {
      try await host.command("ip", "-6", "route", "show", "default").contains("proto ra")
    }
    let deadline = ContinuousClock.now + .patience
    while try await !hasHeard(), ContinuousClock.now < deadline {
      try router.send(.ipv6(advertisement, from: mac))
      try await Task.sleep(for: .milliseconds(20))
    }
    return router
  }

  @Test("a forwarding host stays one, and what its links believe stays as it is")
  func alreadyForwarding() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("sysctl", "-q", "-w", "net.ipv6.conf.all.forwarding=1")
      try await rig.manager.createNetwork(Self.request())
      #expect(try await rig.namespace.command("sysctl", "-n", "net.ipv6.conf.default.accept_ra") == "1\n")
      try await rig.manager.cleanup()
      #expect(try await rig.namespace.command("sysctl", "-n", "net.ipv6.conf.all.forwarding") == "1\n")
    }
  }

  @Test("a guest of a network without IPv6 costs no element more")
  func noCost() async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(Self.request())
      let made = try await rig.manager.attach(AttachRequest(vmID: "plain"))
      let ruleset = try await rig.namespace.command("nft", "list", "ruleset")
      #expect(ruleset.components(containing: "\(made.tapName)") == 3)
      #expect(try await rig.namespace.command("ip", "-6", "address", "show", "dev", "svbr0") == "")
      #expect(try await rig.namespace.command("ip", "-6", "neighbour", "show", "dev", "svbr0") == "")
    }
  }
}

extension Network6Tests {
  @Test("where forwarding cannot be put back, links go on believing their routers", arguments: [false, true])
  func stuckForwarding(isSetUp: Bool) async throws {
    try await Rig.use { rig in
      let routers = Forwarding6.routerAdvertisements("default")
      let before = try await rig.namespace.run { try routers.read() }
      // No value of the kernel's.
      var plan = Plan()
      plan.add(isSetUp ? .setSysctl(.ipv6Forward, value: "x") : .restoreSysctl(.ipv6Forward, value: "x"), "")
      plan.add(isSetUp ? .setSysctl(routers, value: "0") : .restoreSysctl(routers, value: "0"), "")
      plan.add(.setSysctl(.ipv4Forward, value: "1"), "")
      let (failed, after, other) = try await rig.namespace.run { [plan] in
        let failures = try LinuxHost().apply(plan, observedAt: nil)
        return (failures.map(\.item.step), try routers.read(), try Sysctl.ipv4Forward.read())
      }
      #expect(failed == Array(plan.steps.prefix(2)))
      #expect(after == before && other == "1")
    }
  }
}

extension String {
  /// How many lines contain a word.
  fileprivate func components(containing word: String) -> Int {
    split(separator: "\n").filter { $0.contains(word) }.count
  }
}

extension Rig {
  /// What the kernel has of IPv6 as well.
  func kernelState6() async throws -> [String] {
    try await kernelState() + [
      try await namespace.command("ip", "-o", "-6", "address"),
      try await namespace.command("ip", "-6", "route", "show", "table", "all").replacing(" linkdown", with: ""),
      try await namespace.command("ip", "-6", "neighbour", "show", "nud", "permanent"),
      try await namespace.command("sysctl", "net.ipv6.conf.all.forwarding", "net.ipv6.conf.default.accept_ra"),
    ]
  }
}
