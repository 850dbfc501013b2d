import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Finding and deleting links in the kernel", .needsKernel)
struct FindLinkKernelTests {
  @Test("all links are read as iproute2 reads them")
  func oracle() async throws {
    try await withNamespace { namespace in
      for arguments in [
        "link add br0 type bridge stp_state 1 priority 4096", "link add br1 group 9 type bridge",
        "link add va mtu 1400 master br0 type veth peer name vb",
        "link set va type bridge_slave isolated on learning off",
        "link set vb alias a/b", "link property add dev vb altname one altname two-is-longer-than-fifteen-bytes",
        "tuntap add tap0 mode tap user 1000 multi_queue vnet_hdr", "tuntap add tun0 mode tun group 100 pi",
        "link set tap0 master br1 addrgenmode random", "link set br0 up", "link set va up", "link set vb up",
      ] {
        _ = try await namespace.command(arguments: ["ip"] + arguments.split(separator: " ").map(String.init)).checked()
      }
      // The operational state of a veth settles a moment after it is set up.
      var said: [JSONValue] = []
      var read: [Link] = []
      for _ in 0..<100 {
        let before = try await namespace.json("ip", "-j", "-d", "link").elements
        read = try await namespace.route { try $0.links() }
        said = try await namespace.json("ip", "-j", "-d", "link").elements
        if said.map({ $0["operstate"] }) == before.map({ $0["operstate"] }) { break }
      }
      #expect(read.map(\.name) == said.compactMap(\.["ifname"].string))
      #expect(read.count == 7)
      let names = Dictionary(uniqueKeysWithValues: read.map { ($0.index, $0.name) })
      for (link, json) in zip(read, said) { compare(link, json, names) }

      let tap = try #require(read.first { $0.name == "tap0" }?.tun)
      #expect(tap.isTap && tap.owner == 1000 && tap.group == nil && tap.isMultiQueue && tap.hasVnetHeader)
      let tun = try #require(read.first { $0.name == "tun0" }?.tun)
      #expect(!tun.isTap && tun.owner == nil && tun.group == 100 && !tun.isMultiQueue && tun.hasPacketInformation)
    }
  }

  private func compare(_ link: Link, _ json: JSONValue, _ names: [Int32: String]) {
    #expect(Int(link.index) == json["ifindex"].int)
    #expect(Int(link.mtu) == json["mtu"].int)
    #expect(link.operationalState.description == json["operstate"].string?.lowercased())
    #expect(link.group == (json["group"] == "default" ? 0 : UInt32(json["group"].string ?? "")))
    #expect(link.alias == json["ifalias"].string)
    #expect(link.alternativeNames == json["altnames"].elements.compactMap(\.string))
    #expect(link.master.flatMap { names[$0] } == json["master"].string)
    #expect(link.lowerLink.flatMap { names[$0] } == json["link"].string)
    #expect(link.kind == json["linkinfo"]["info_kind"].string)
    #expect(link.slaveKind == json["linkinfo"]["info_slave_kind"].string)
    #expect(Int(link.promiscuity) == json["promiscuity"].int)
    if link.name != "tun0" { #expect(link.macAddress?.description == json["address"].string) }
    for (flag, word) in [
      (LinkFlags.up, "UP"), (.broadcast, "BROADCAST"), (.loopback, "LOOPBACK"), (.pointToPoint, "POINTOPOINT"),
      (.noARP, "NOARP"), (.multicast, "MULTICAST"), (.lowerUp, "LOWER_UP"),
    ] as [(LinkFlags, JSONValue)] {
      #expect(link.flags.contains(flag) == json["flags"].elements.contains(word), "\(link.name) \(word)")
    }
    let mode: [AddressGenerationMode: String] = [
      .eui64: "eui64", .byNobody: "none", .stablePrivacy: "stable_secret", .random: "random",
    ]
    #expect(link.addressGenerationMode.flatMap { mode[$0] } == json["inet6_addr_gen_mode"].string)
    let bridge = json["linkinfo"]["info_data"]
    #expect(link.bridge?.spanningTree.map(Int.init) == bridge["stp_state"].int)
    #expect(link.bridge?.priority.map(Int.init) == bridge["priority"].int)
    let port = json["linkinfo"]["info_slave_data"]
    #expect(link.bridgePort?.isIsolated == port["isolated"].bool)
    #expect(link.bridgePort?.learning == port["learning"].bool)
    #expect(link.bridgePort?.cost.map(Int.init) == port["cost"].int)
  }

  @Test("counters are read as iproute2 reads them")
  func statistics() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb")
      try await namespace.command("ip", "link", "set", "va", "up")
      try await namespace.command("ip", "link", "set", "vb", "up")
      // The kernel itself sends, for IPv6; not for long.
      var agreement = false
      for _ in 0..<200 where !agreement {
        let before = try await namespace.json("ip", "-j", "-s", "link", "show", "dev", "va")[0]["stats64"]
        let read = try #require(try await namespace.route { try $0.link(named: "va") }?.statistics)
        let after = try await namespace.json("ip", "-j", "-s", "link", "show", "dev", "va")[0]["stats64"]
        agreement =
          before == after && read.transmittedPackets > 0
          && [read.receivedPackets, read.receivedBytes, read.receiveErrors, read.receiveDropped]
            == ["packets", "bytes", "errors", "dropped"].map { UInt64(after["rx"][$0].int ?? -1) }
          && [read.transmittedPackets, read.transmittedBytes, read.transmitErrors, read.transmitDropped]
            == ["packets", "bytes", "errors", "dropped"].map { UInt64(after["tx"][$0].int ?? -1) }
          && read.receivedMulticast == UInt64(after["rx"]["multicast"].int ?? -1)
      }
      #expect(agreement)
    }
  }

  @Test("links are found by kind and by master")
  func filters() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "br0", "type", "bridge")
      try await namespace.command("ip", "link", "add", "br1", "type", "bridge")
      try await namespace.command("ip", "link", "add", "va", "master", "br0", "type", "veth", "peer", "name", "vb")
      let bridge = try await namespace.linkIndex("br0")
      let found = try await namespace.route { socket in
        [
          try socket.links(kind: "bridge"), try socket.links(master: bridge),
          try socket.links(kind: "veth", master: bridge), try socket.links(kind: "bridge", master: bridge),
          try socket.links(kind: "nosuchkind"), try socket.links(master: 9999),
        ].map { $0.map(\.name) }
      }
      #expect(found == [["br0", "br1"], ["va"], ["va"], [], [], []])
    }
  }

  @Test("a link is found by its name, by any alternative name and by its index; else there is none")
  func find() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "br0", "type", "bridge")
      let index = try await namespace.linkIndex("br0")
      try await namespace.command("ip", "link", "set", "br0", "address", "02:00:00:00:00:b0")
      let named = try await namespace.route { socket in
        let (bridge, none) = (try InterfaceName(parsing: "br0"), try InterfaceName(parsing: "br9"))
        #expect(try socket.linkIndex(named: none) == nil && socket.macAddress(ofLinkNamed: none) == nil)
        return (try socket.linkIndex(named: bridge), try socket.macAddress(ofLinkNamed: bridge)?.description)
      }
      #expect(named == (index, "02:00:00:00:00:b0"))
      let long = "web-1.eth0-and-more-than-fifteen-bytes"
      try await namespace.apply {
        $0.addAlternativeName("web-1.eth0", to: .name("br0"))
        $0.addAlternativeName(long, to: .index(index))
      }
      #expect(try await namespace.ipLink("br0")["altnames"] == ["web-1.eth0", .string(long)])
      let found = try await namespace.route { socket in
        [
          try socket.link(named: "br0"), try socket.link(named: "web-1.eth0"), try socket.link(named: long),
          try socket.link(index: index),
        ].map { $0?.index }
      }
      #expect(found == [index, index, index, index])
      let absent = try await namespace.route { socket in
        [
          try socket.link(named: "br1"), try socket.link(named: "eth0"),
          try socket.link(named: "another-name-of-more-than-fifteen-bytes"), try socket.link(index: 9999),
        ].compactMap { $0 }
      }
      #expect(absent.isEmpty)
    }
  }

  @Test("an alternative name is given once, and taken away once or often")
  func alternativeNames() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "br0", "type", "bridge")
      try await namespace.apply { $0.addAlternativeName("one", to: .name("br0")) }
      for name in ["one", "lo", "br0"] {
        let failures = try await namespace.send { $0.addAlternativeName(name, to: .name("br0")) }
        #expect(failures.map(\.errno) == [.fileExists])
        #expect(failures.first?.operation == "add alternative name \(name) to br0")
      }
      try await namespace.apply {
        $0.deleteAlternativeName("one", from: .name("br0"))
        $0.deleteAlternativeName("one", from: .name("br0"))
        $0.deleteAlternativeName("one", from: .name("br9"))
      }
      #expect(try await namespace.ipLink("br0")["altnames"].isNull)
    }
  }

  @Test("deleting a link by name or index, once or often, leaves the others")
  func delete() async throws {
    try await withNamespace { namespace in
      for name in ["br0", "br1", "br2"] { try await namespace.command("ip", "link", "add", name, "type", "bridge") }
      let index = try await namespace.linkIndex("br1")
      for _ in 1...2 {
        try await namespace.apply {
          $0.delete(.name("br0"))
          $0.delete(.index(index))
        }
      }
      #expect(try await namespace.route { try $0.links() }.map(\.name) == ["lo", "br2"])
    }
  }

  @Test("what cannot be deleted says so: the loopback, and the group of links without one")
  func undeletable() async throws {
    try await withNamespace { namespace in
      let failures = try await namespace.send {
        $0.delete(.name("lo"))
        $0.deleteLinks(group: 0)
        $0.delete(.index(0))
      }
      #expect(failures.map(\.errno).prefix(2) == [.notSupported, .notPermitted])
      #expect(failures.first?.operation == "delete link lo")
      #expect(try await namespace.route { try $0.links() }.map(\.name) == ["lo"])
    }
  }

  @Test("a group is deleted at once, and only that; deleting an empty group is no failure")
  func deleteGroup() async throws {
    try await withNamespace { namespace in
      try await namespace.route { socket in
        var batch = RouteBatch()
        for number in 0..<40 {
          var bridge = try NewLink(InterfaceName(parsing: "br\(number)"), .bridge(BridgeAttributes()))
          bridge.group = number.isMultiple(of: 2) ? 7 : 8
          batch.create(bridge)
        }
        try socket.apply(batch)
      }
      try await namespace.apply { $0.deleteLinks(group: 7) }
      let left = try await namespace.route { try $0.links(kind: "bridge") }
      #expect(left.count == 20)
      #expect(left.allSatisfy { $0.group == 8 })
      try await namespace.apply { $0.deleteLinks(group: 7) }
    }
  }
}
