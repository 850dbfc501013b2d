import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("The host's forwarding", .needsKernel)
struct HostForwardingTests {
  @Test("is on for IPv6 as long as there is a network with it, and the host goes on believing its routers")
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

  @Test("that was on before stays on, and what links believe stays as it is", arguments: IPFamily.allCases)
  func onBefore(family: IPFamily) async throws {
    try await Rig.use { rig in
      let setting: Sysctl = family == .v4 ? .ipv4Forward : .ipv6Forward
      try await rig.namespace.run { try setting.write("1") }
      try await rig.createInner(Way(family: family, mode: .bridge))
      #expect(try await rig.namespace.command("sysctl", "-n", "net.ipv6.conf.default.accept_ra") == "1\n")
      try await rig.manager.cleanup()
      #expect(try await rig.namespace.run { try setting.read() } == "1")
    }
  }

  @Test("where it cannot be put back, links go on believing their routers", arguments: [false, true])
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
