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

  @Test("a subnet that overlaps an address, a route or a network is SUBNET_OVERLAP and says which")
  func overlap() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "up0", "type", "ifb")
      try await rig.namespace.command("ip", "link", "set", "up0", "up")
      try await rig.namespace.command("ip", "address", "add", "198.51.100.7/24", "dev", "up0")
      try await rig.namespace.command("ip", "route", "add", "203.0.113.0/24", "via", "198.51.100.1")
      try await rig.namespace.command("ip", "route", "add", "default", "via", "198.51.100.1")
      try await rig.manager.ensureBridge()
      let before = try await rig.kernelState()
      for (subnet, words) in [
        ("198.51.100.128/25", "198.51.100.7/24 on up0"), ("203.0.112.0/20", "route to 203.0.113.0/24"),
        ("172.30.0.0/16", "network 'default'"),
      ] {
        do {
          let request = NetworkRequest(name: "blue", subnet: try IPv4Subnet(parsing: subnet))
          _ = try await rig.manager.createNetwork(request)
          Issue.record("\(subnet) was taken")
        } catch let error as TapestryError {
          #expect(error.code == .subnetOverlap && error.message.contains(words), "\(error)")
        }
      }
      #expect(try await rig.kernelState() == before)
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

  @Test("forwarding that was on before stays on")
  func forwardingStays() async throws {
    try await Rig.use { rig in
      try await rig.namespace.run { try Sysctl.ipv4Forward.write("1") }
      try await rig.manager.ensureBridge()
      try await rig.manager.cleanup()
      #expect(try await rig.namespace.command("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n")
    }
  }
}
