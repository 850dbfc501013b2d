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
      let read = try await namespace.route { try $0.links() }
      let said = try await namespace.json("ip", "-j", "-d", "link").elements
      #expect(read.map(\.name) == said.compactMap(\.["ifname"].string))
      #expect(read.count == 7)
      let names = Dictionary(uniqueKeysWithValues: read.map { ($0.index, $0.name) })
      for (link, json) in zip(read, said) { compare(link, json, names) }

      let tap = try #require(read.first { $0.name == "tap0" }?.tun)
      #expect(tap.owner == 1000 && tap.group == nil)
      let tun = try #require(read.first { $0.name == "tun0" }?.tun)
      #expect(tun.owner == nil && tun.group == 100)
    }
  }

  private func compare(_ link: Link, _ json: JSONValue, _ names: [Int32: String]) {
    #expect(Int(link.index) == json["ifindex"].int)
    #expect(Int(link.mtu) == json["mtu"].int)
    #expect(link.group == (json["group"] == "default" ? 0 : UInt32(json["group"].string ?? "")))
    #expect(link.alias == json["ifalias"].string)
    #expect(link.alternativeNames == json["altnames"].elements.compactMap(\.string))
    #expect(link.master.flatMap { names[$0] } == json["master"].string)
    #expect(link.kind == json["linkinfo"]["info_kind"].string)
    if link.name != "tun0" { #expect(link.macAddress?.description == json["address"].string) }
    #expect(link.isUp == json["flags"].elements.contains("UP"), "\(link.name)")
    let port = json["linkinfo"]["info_slave_data"]
    #expect(link.bridgePort?.isIsolated == port["isolated"].bool)
    #expect(link.bridgePort?.learning == port["learning"].bool)
  }

  @Test("a link is found by its name, and by any alternative name; else there is none")
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
        ].map { $0?.index }
      }
      #expect(found == [index, index, index])
      let absent = try await namespace.route { socket in
        [
          try socket.link(named: "br1"), try socket.link(named: "eth0"),
          try socket.link(named: "another-name-of-more-than-fifteen-bytes"),
        ].compactMap { $0 }
      }
      #expect(absent.isEmpty)
    }
  }

  @Test("an alternative name is given once")
  func alternativeNames() async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "br0", "type", "bridge")
      try await namespace.apply { $0.addAlternativeName("one", to: .name("br0")) }
      for name in ["one", "lo", "br0"] {
        let failures = try await namespace.send { $0.addAlternativeName(name, to: .name("br0")) }
        #expect(failures.map(\.errno) == [.fileExists])
        #expect(failures.first?.operation == "add alternative name \(name) to br0")
      }
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
          batch.create(try NewLink(InterfaceName(parsing: "br\(number)"), .bridge(BridgeAttributes())))
          var change = LinkChange(.name("br\(number)"))
          change.group = number.isMultiple(of: 2) ? 7 : 8
          batch.set(change)
        }
        try socket.apply(batch)
      }
      try await namespace.apply { $0.deleteLinks(group: 7) }
      let left = try await namespace.route { try $0.links() }.filter { $0.kind == "bridge" }
      #expect(left.count == 20)
      #expect(left.allSatisfy { $0.group == 8 })
      try await namespace.apply { $0.deleteLinks(group: 7) }
    }
  }
}
