import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Making links in the kernel", .needsKernel)
struct CreateLinkKernelTests {
  private let bridgeName: InterfaceName

  init() throws { bridgeName = try InterfaceName(parsing: "svbr0") }

  @Test("a bridge is made as it was asked for")
  func bridge() async throws {
    try await withNamespace { namespace in
      var attributes = BridgeAttributes()
      attributes.spanningTree = 0
      attributes.multicastSnooping = false
      var new = NewLink(bridgeName, .bridge(attributes))
      new.macAddress = MACAddress(2, 0, 0, 0, 0, 1)
      new.mtu = 1400
      new.isUp = true
      let bridge = new
      try await namespace.apply { $0.create(bridge) }

      let said = try await namespace.ipLink("svbr0")
      #expect(said["address"] == "02:00:00:00:00:01")
      #expect(said["mtu"] == 1400)
      #expect(said["flags"].elements.contains("UP"))
      #expect(said["linkinfo"]["info_kind"] == "bridge")
      let data = said["linkinfo"]["info_data"]
      #expect(data["stp_state"] == 0)
      #expect(data["mcast_snooping"] == 0)

      let read = try #require(try await namespace.route { try $0.link(named: "svbr0") })
      #expect(read.kind == "bridge")
      #expect(read.macAddress == MACAddress(2, 0, 0, 0, 0, 1))
      #expect(read.mtu == 1400)
      #expect(read.isUp)
    }
  }

  @Test("making what is there is EEXIST, and says what was to be made")
  func exists() async throws {
    try await withNamespace { namespace in
      let bridge = NewLink(bridgeName, .bridge(BridgeAttributes()))
      try await namespace.apply { $0.create(bridge) }
      let failures = try await namespace.send { $0.create(bridge) }
      #expect(failures.map(\.errno) == [.fileExists])
      #expect(failures.first?.operation == "create bridge svbr0")
    }
  }

  @Test("by an index of one's own, what follows a creation that fails is made to no other link")
  func index() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "svbr0", "type", "bridge")
      try await namespace.command("ip", "link", "set", "svbr0", "alias", "another's")
      var new = NewLink(bridgeName, .bridge(BridgeAttributes()))
      new.index = 0x3abc_def0
      var change = LinkChange(.index(0x3abc_def0, named: "svbr0"))
      change.alias = "ours"
      change.isUp = true
      let (bridge, settings) = (new, change)

      let failures = try await namespace.send {
        $0.create(bridge)
        $0.set(settings)
      }
      #expect(failures.map(\.errno) == [.fileExists, .noSuchDevice])
      let others = try await namespace.ipLink("svbr0")
      #expect(others["ifalias"] == "another's")
      #expect(!others["flags"].elements.contains("UP"))

      try await namespace.command("ip", "link", "delete", "svbr0")
      try await namespace.apply {
        $0.create(bridge)
        $0.set(settings)
      }
      let ours = try await namespace.ipLink("svbr0")
      #expect(ours["ifindex"] == 0x3abc_def0)
      #expect(ours["ifalias"] == "ours")
      #expect(ours["flags"].elements.contains("UP"))
    }
  }

  @Test("a veth pair is made with its other end in another namespace, named by a descriptor")
  func veth() async throws {
    try await withNamespaces { host, guest in
      var end = try VethPeer(InterfaceName(parsing: "eth0"))
      end.macAddress = MACAddress(2, 0, 0, 0, 0, 0x0b)
      let peer = end
      try await host.route { socket in
        let namespace = try NetworkNamespace(path: guest.path)
        var peer = peer
        peer.namespace = namespace.fileDescriptor
        var veth = try NewLink(InterfaceName(parsing: "va"), .veth(peer: peer))
        veth.macAddress = MACAddress(2, 0, 0, 0, 0, 0x0a)
        veth.isUp = true
        var batch = RouteBatch()
        batch.create(veth)
        try socket.apply(batch)
      }

      let near = try await host.ipLink("va")
      #expect(near["address"] == "02:00:00:00:00:0a")
      let far = try await guest.ipLink("eth0")
      #expect(far["address"] == "02:00:00:00:00:0b")
      try await guest.apply { batch in
        var change = LinkChange(.name("eth0"))
        change.isUp = true
        batch.set(change)
      }

      let read = try #require(try await host.route { try $0.link(named: "va") })
      #expect(read.kind == "veth")
    }
  }

  @Test("a bridge takes the least MTU of its ports until its own is set by a change")
  func mtu() async throws {
    try await withNamespace { namespace in
      var new = NewLink(bridgeName, .bridge(BridgeAttributes()))
      new.mtu = 1400
      let bridge = new
      try await namespace.apply { $0.create(bridge) }
      try await namespace.command("ip", "link", "add", "va", "mtu", "1300", "type", "veth", "peer", "name", "vb")
      try await namespace.command("ip", "link", "set", "va", "master", "svbr0")
      #expect(try await namespace.ipLink("svbr0")["mtu"] == 1300)

      var change = LinkChange(.name("svbr0"))
      change.mtu = 1400
      let pinned = change
      try await namespace.apply { $0.set(pinned) }
      try await namespace.command("ip", "link", "set", "va", "mtu", "1200")
      #expect(try await namespace.ipLink("svbr0")["mtu"] == 1400)
    }
  }
}
