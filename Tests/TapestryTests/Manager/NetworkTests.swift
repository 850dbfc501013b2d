import Linux
import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Networks, on the kernel", .needsKernel)
struct NetworkTests {
  @Test("default exists without being created, and is made by the first attach")
  func implicitDefault() async throws {
    try await Rig.use { rig in
      #expect(try await rig.manager.networks().map(\.name.rawValue) == ["default"])
      #expect(try await rig.link("svbr0").isNull)
      #expect(try await rig.manager.check() == [])
      try await rig.manager.ensureBridge()
      #expect(try await !rig.link("svbr0").isNull)
    }
  }

  @Test("networks that leave it out get a free subnet and a free bridge")
  func chosen() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "svbr1", "type", "ifb")
      try await rig.namespace.command("ip", "address", "add", "172.30.1.9/24", "dev", "svbr1")
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      let network = try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      #expect(network.subnet.description == "172.30.2.0/24" && network.bridge.rawValue == "svbr2")
    }
  }

  @Test("a bridge name that is somebody else's link is NOT_OWNED, whatever its kind, and nothing changes")
  func foreignBridge() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "theirs", "type", "bridge")
      try await rig.namespace.command("ip", "link", "add", "ifb7", "type", "ifb")
      try await rig.namespace.command("ip", "tuntap", "add", "tap0", "mode", "tap")
      let before = try await rig.kernelState()
      for name in ["theirs", "ifb7", "tap0", "lo"] {
        let bridge = try InterfaceName(parsing: name)
        try await expectCode(.notOwned) {
          try await rig.manager.createNetwork(NetworkRequest(name: "blue", bridge: bridge))
        }
      }
      #expect(try await rig.kernelState() == before)
      #expect(try await rig.manager.networks().count == 1)
      try await rig.manager.cleanup()
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("no guest's TAP becomes a port of another program's bridge that took the name of ours")
  func takenBridge() async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      try await rig.namespace.command("ip", "link", "del", "svbr0")
      try await rig.namespace.command("ip", "link", "add", "svbr0", "type", "bridge")
      try await expectCode(.notOwned) { try await rig.manager.attach(AttachRequest(vmID: "b")) }
      #expect(try await rig.namespace.command("ip", "-o", "link", "show", "master", "svbr0") == "")
      #expect(try await rig.manager.attachments().map(\.vmID) == ["a"])

      // Ours comes back when theirs is gone.
      try await rig.namespace.command("ip", "link", "del", "svbr0")
      try await rig.manager.repair()
      try await rig.manager.attach(AttachRequest(vmID: "b"))
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a subnet or a prefix that overlaps an address, a route or a network is SUBNET_OVERLAP and says which")
  func overlap() async throws {
    try await Rig.use { rig in
      try await rig.addUplink()
      try await rig.manager.ensureBridge()
      try await rig.manager.createNetwork(NetworkRequest(name: "six", subnet6: .prefix("2001:db8:3:5::/64")))
      let before = try await rig.kernelState(.v6)
      let requests: [(IPv4Subnet?, Subnet6Request?, words: String)] = [
        ("198.51.100.128/25", nil, "198.51.100.7/24 on up0"), ("203.0.112.0/20", nil, "route to 203.0.113.0/24"),
        ("172.30.0.0/16", nil, "network 'default'"),
        (nil, .prefix("2001:db8:1:5::/64"), "2001:db8:1::9/48 on up0"),
        (nil, .prefix("2001:db8:2:5::/64"), "route to 2001:db8:2::/48"),
        (nil, .prefix("2001:db8:3:5::/64"), "network 'six'"),
      ]
      for (subnet, subnet6, words) in requests {
        let error = await #expect(throws: TapestryError.self) {
          _ = try await rig.manager.createNetwork(NetworkRequest(name: "blue", subnet: subnet, subnet6: subnet6))
        }
        #expect(error?.code == .subnetOverlap && error?.message.contains(words) == true, "\(words): \(error as Any)")
      }
      #expect(try await rig.kernelState(.v6) == before)
    }
  }

  @Test("a prefix is taken out of one that was delegated to the host, which it refuses where it is not in use")
  func delegated() async throws {
    try await Rig.use { rig in
      try await rig.addUplink()
      for (name, prefix): (Identifier, String) in [("one", "2001:db8:3:5::/64"), ("two", "2001:db8:3:6::/64")] {
        try await rig.manager.createNetwork(
          NetworkRequest(name: name, subnet6: try Subnet6Request(parsing: prefix)))
      }
      #expect(try await rig.manager.networks().filter { $0.subnet6 != nil }.count == 2)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test(
    "a prefix that is drawn is a unique local one, which has NAT unless something else is said",
    arguments: [nil, false, true])
  func drawn(nat6: Bool?) async throws {
    try await Rig.use { rig in
      let drawn = try await rig.manager.createNetwork(NetworkRequest(name: "drawn", subnet6: .automatic, nat6: nat6))
      #expect(drawn.subnet6?.address.isUniqueLocal == true && drawn.nat6 == (nat6 ?? true))
      let given = try await rig.manager.createNetwork(NetworkRequest(name: "given", subnet6: .site, nat6: nat6))
      #expect(given.subnet6 == Site.prefix6 && given.nat6 == (nat6 ?? false))
    }
  }

  @Test("a network with attachments is NETWORK_IN_USE; without, it goes, and the last takes the tables along")
  func remove() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      try await rig.manager.attach(AttachRequest(vmID: "a", network: "blue"))
      try await expectCode(.networkInUse) { try await rig.manager.removeNetwork(named: "blue") }
      try await rig.manager.detach(vmID: "a")
      try await rig.manager.removeNetwork(named: "blue")
      #expect(try await rig.kernelState() == before)
      try await expectCode(.networkNotFound) { try await rig.manager.removeNetwork(named: "blue") }
      try await expectCode(.networkNotFound) { try await rig.manager.attach(AttachRequest(vmID: "a", network: "blue")) }
    }
  }

  @Test("the same name twice is NETWORK_EXISTS")
  func twice() async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(NetworkRequest(name: "blue"))
      try await expectCode(.networkExists) { try await rig.manager.createNetwork(NetworkRequest(name: "blue")) }
    }
  }

  @Test("an MTU is the bridge's and the TAP's", arguments: [576, 1280, 9000])
  func mtu(bytes: Int) async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(NetworkRequest(name: "blue", mtu: bytes))
      let made = try await rig.manager.attach(AttachRequest(vmID: "a", network: "blue"))
      #expect(made.mtu == bytes)
      #expect(try await rig.link(made.tapName.rawValue)["mtu"].int == bytes)
      #expect(try await rig.link(made.bridge.rawValue)["mtu"].int == bytes)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a MTU that no link can have is INVALID_MTU", arguments: [-1, 0, 575, 65_522, Int.max])
  func badMTU(bytes: Int) async throws {
    try await Rig.use { rig in
      try await expectCode(.invalidMTU) {
        try await rig.manager.createNetwork(NetworkRequest(name: "blue", mtu: bytes))
      }
    }
  }

  @Test("tables called tapestry that somebody else made are NOT_OWNED, and stay")
  func foreignTable() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("nft", "add", "table", "inet", "tapestry")
      let before = try await rig.kernelState()
      try await expectCode(.notOwned) { try await rig.manager.attach(AttachRequest(vmID: "a")) }
      #expect(try await rig.kernelState() == before)
      try await rig.manager.cleanup()
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("a network that cannot have IPv6 is refused, and nothing is made")
  func withoutIPv6() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState(.v6)
      try await expectCode(.invalidMode) { try await rig.createInner(Way(family: .v6, mode: .clone)) }
      try await expectCode(.invalidMTU) {
        try await rig.manager.createNetwork(NetworkRequest(name: "inner", mtu: 1279, subnet6: .site))
      }
      try await expectCode(.invalidSubnet) {
        try await rig.manager.createNetwork(NetworkRequest(name: "inner", subnet6: .prefix("2001:db8::/48")))
      }
      try await rig.namespace.command("sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1")
      for mode in Network.Mode.withIPv6 {
        let error = await #expect(throws: TapestryError.self) {
          try await rig.createInner(Way(family: .v6, mode: mode))
        }
        #expect(error?.code == .kernelUnsupported)
        #expect(error?.remedies.contains(.set(.subnet6)) == true)
      }
      #expect(try await rig.kernelState(.v6) == before)
      // Without, all is as ever.
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("a network of any kind leaves nothing behind", arguments: Way.all)
  func cleanup(way: Way) async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState(way.family)
      try await rig.createInner(way)
      for vm: Identifier in ["a", "b"] { try await rig.manager.attach(AttachRequest(vmID: vm, network: "inner")) }
      #expect(try await rig.manager.check() == [])
      try await rig.manager.detach(vmID: "a")
      #expect(try await rig.manager.check() == [])
      try await rig.manager.cleanup()
      #expect(try await rig.kernelState(way.family) == before)
    }
  }

  @Test("a guest of a network without IPv6 costs no element more")
  func noCost() async throws {
    try await Rig.use { rig in
      try await rig.createInner(Way(family: .v6, mode: .bridge))
      let made = try await rig.manager.attach(AttachRequest(vmID: "plain"))
      let ruleset = try await rig.namespace.command("nft", "list", "ruleset")
      #expect(ruleset.split(separator: "\n").count { $0.contains("\(made.tapName)") } == 3)
      #expect(try await rig.namespace.command("ip", "-6", "address", "show", "dev", "svbr0") == "")
      #expect(try await rig.namespace.command("ip", "-6", "neighbour", "show", "dev", "svbr0") == "")
    }
  }
}

extension Rig {
  /// A link with addresses and routes of both families, and a prefix that is delegated to the host.
  fileprivate func addUplink() async throws {
    try await namespace.command(
      "sh", "-ec",
      """
      ip link add up0 type ifb; ip link set up0 up
      ip address add 198.51.100.7/24 dev up0; ip address add 2001:db8:1::9/48 dev up0 nodad
      ip route add 203.0.113.0/24 via 198.51.100.1; ip route add default via 198.51.100.1
      ip -6 route add 2001:db8:2::/48 dev up0; ip -6 route add default dev up0
      ip -6 route add unreachable 2001:db8:3::/48
      """)
  }
}
