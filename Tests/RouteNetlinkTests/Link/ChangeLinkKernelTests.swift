import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Changing links in the kernel", .needsKernel)
struct ChangeLinkKernelTests {
  /// A namespace with a bridge `svbr0` and a TAP `tap0`, both down and unset.
  private func withTap(_ body: (TestNamespace, _ bridge: Int32, _ tap: Int32) async throws -> Void) async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "svbr0", "type", "bridge")
      try await namespace.command("ip", "tuntap", "add", "tap0", "mode", "tap", "user", "1000", "group", "100")
      try await body(namespace, namespace.linkIndex("svbr0"), namespace.linkIndex("tap0"))
    }
  }

  private func change(_ bridge: Int32, _ tap: Int32) -> LinkChange {
    var change = LinkChange(.index(tap, named: "tap0"))
    change.alias = "tapestry:default/web-1/eth0"
    change.mtu = 1400
    change.group = 0x7461_7000
    change.macAddress = MACAddress(0xfe, 0, 0, 0, 0, 5)
    change.master = bridge
    change.addressGenerationMode = AddressGenerationMode.byNobody
    change.ipv4 = [.forwarding: 1, .proxyARP: 1, .rpFilter: 2, .routeLocalnet: 1]
    var port = BridgePortAttributes()
    port.isIsolated = true
    port.learning = false
    port.unicastFlood = false
    change.bridgePort = port
    change.isUp = true
    return change
  }

  @Test("everything about a TAP is set by one batch, and set again to the same")
  func everything() async throws {
    try await withTap { namespace, bridge, tap in
      let wanted = change(bridge, tap)
      for _ in 1...2 {
        try await namespace.apply { $0.set(wanted) }
        let said = try await namespace.ipLink("tap0")
        #expect(said["ifalias"] == "tapestry:default/web-1/eth0")
        #expect(said["mtu"] == 1400)
        #expect(said["group"] == "1952542720")
        #expect(said["address"] == "fe:00:00:00:00:05")
        #expect(said["master"] == "svbr0")
        #expect(said["inet6_addr_gen_mode"] == "none")
        #expect(said["flags"].elements.contains("UP"))
        let port = said["linkinfo"]["info_slave_data"]
        #expect(port["isolated"] == true)
        #expect(port["learning"] == false)
        #expect(port["flood"] == false)
        let settings = ["forwarding", "proxy_arp", "rp_filter", "route_localnet", "accept_local"]
        let values = try await namespace.run {
          try settings.map { try Sysctl(rawValue: "net/ipv4/conf/tap0/\($0)").read() }
        }
        #expect(values == ["1", "1", "2", "1", "0"])

        let read = try #require(try await namespace.route { try $0.link(named: "tap0") })
        #expect(read.alias == wanted.alias)
        #expect(read.mtu == wanted.mtu)
        #expect(read.group == wanted.group)
        #expect(read.macAddress == wanted.macAddress)
        #expect(read.master == bridge)
        #expect(read.bridgePort?.isIsolated == true)
        #expect(read.bridgePort?.learning == false)
        #expect(read.bridgePort?.unicastFlood == false)
        for (setting, value) in wanted.ipv4 { #expect(read.ipv4[setting] == value) }
      }
    }
  }

  @Test("each setting of IPv4 is the one that /proc/sys calls so", arguments: IPv4DeviceSetting.allCases)
  func ipv4(setting: IPv4DeviceSetting) async throws {
    let names: [IPv4DeviceSetting: String] = [
      .forwarding: "forwarding", .proxyARP: "proxy_arp", .rpFilter: "rp_filter", .arpFilter: "arp_filter",
      .arpIgnore: "arp_ignore", .proxyARPPrivateVLAN: "proxy_arp_pvlan", .routeLocalnet: "route_localnet",
    ]
    let sysctl = Sysctl(rawValue: "net/ipv4/conf/lo/\(try #require(names[setting]))")
    try await withNamespace { namespace in
      for value in [1, 0, 1] as [Int32] {
        let (said, read) = try await namespace.route { socket in
          var change = LinkChange(.name("lo"))
          change.ipv4 = [setting: value]
          var batch = RouteBatch()
          batch.set(change)
          try socket.apply(batch)
          return (try sysctl.read(), try socket.link(named: "lo")?.ipv4[setting])
        }
        #expect(said == "\(value)")
        #expect(read == value)
      }
    }
  }

  @Test("what a change does not say stays as it is")
  func partial() async throws {
    try await withTap { namespace, bridge, tap in
      let all = change(bridge, tap)
      try await namespace.apply { $0.set(all) }
      let before = try await namespace.route { try $0.link(named: "tap0") }
      var alias = LinkChange(.name("tap0"))
      alias.alias = "another"
      let change = alias
      try await namespace.apply { $0.set(change) }
      var after = try #require(try await namespace.route { try $0.link(named: "tap0") })
      #expect(after.alias == "another")
      after.alias = before?.alias
      #expect(after == before)
    }
  }

  @Test("an alias is taken away by an empty one, a master by 0, and a link goes down")
  func undo() async throws {
    try await withTap { namespace, bridge, tap in
      let all = change(bridge, tap)
      try await namespace.apply { $0.set(all) }
      var change = LinkChange(.index(tap))
      change.alias = ""
      change.master = 0
      change.isUp = false
      change.ipv4 = [.forwarding: 0]
      change.addressGenerationMode = .eui64
      let undo = change
      try await namespace.apply { $0.set(undo) }
      let said = try await namespace.ipLink("tap0")
      #expect(said["ifalias"].isNull)
      #expect(said["master"].isNull)
      #expect(!said["flags"].elements.contains("UP"))
      #expect(said["inet6_addr_gen_mode"] == "eui64")
      let read = try #require(try await namespace.route { try $0.link(named: "tap0") })
      #expect(read.alias == nil)
      #expect(read.master == nil)
      #expect(read.bridgePort == nil)
      #expect(read.ipv4[.forwarding] == 0)
    }
  }

  @Test("a port whose master is refused is not brought up, nor set as another's port")
  func masterRefused() async throws {
    try await withTap { namespace, _, tap in
      let orphan = change(9999, tap)
      let failures = try await namespace.send { $0.set(orphan) }
      #expect(failures.map(\.operation) == ["set link tap0", "set bridge port tap0"])
      #expect(failures.map(\.index) == [0, 1])
      #expect(failures.map(\.errno) == [.invalidArgument, .notSupported])
      let said = try await namespace.ipLink("tap0")
      #expect(!said["flags"].elements.contains("UP"))
      #expect(said["master"].isNull)
    }
  }

  @Test("the kernel's refusal keeps its words, and the changes around it are made")
  func refusal() async throws {
    try await withTap { namespace, bridge, tap in
      var first = LinkChange(.name("svbr0"))
      first.alias = "first"
      var tooLarge = LinkChange(.index(tap, named: "tap0"))
      tooLarge.mtu = 99_999_999
      var tooLong = LinkChange(.index(tap, named: "tap0"))
      tooLong.alias = String(repeating: "a", count: 256)
      var last = LinkChange(.name("svbr0"))
      last.isUp = true
      let changes = [first, tooLarge, tooLong, last]
      let failures = try await namespace.send { batch in for change in changes { batch.set(change) } }

      #expect(failures.map(\.index) == [1, 2])
      #expect(failures.map(\.operation) == ["set link tap0", "set link tap0"])
      #expect(failures.map(\.errno) == [.invalidArgument, Errno(rawValue: 34)])
      #expect(
        failures.map(\.kernelMessage) == ["mtu greater than device maximum", "Attribute failed policy validation"])
      // The alias stands after the message's header and ifinfomsg.
      #expect(failures.map(\.offset) == [nil, 32])
      #expect(failures[0].description == "set link tap0: EINVAL: Invalid argument (mtu greater than device maximum)")
      let said = try await namespace.ipLink("svbr0")
      #expect(said["ifalias"] == "first")
      #expect(said["flags"].elements.contains("UP"))
    }
  }

  @Test("a change to a link that is not there is ENODEV, and makes none")
  func missing() async throws {
    try await withNamespace { namespace in
      var change = LinkChange(.name("tap9"))
      change.group = 3
      let byName = change
      change.link = .index(0)
      let byIndex = change
      let failures = try await namespace.send {
        $0.set(byName)
        $0.set(byIndex)
      }
      #expect(
        failures.map(\.errno) == [.noSuchDevice, .invalidArgument]
          || failures.map(\.errno) == [.noSuchDevice, .noSuchDevice])
      // Had index 0 been sent, the loopback, in group 0 as all links are at first, would be in group 3.
      #expect(try await namespace.ipLink("lo")["group"] == "default")
    }
  }
}
