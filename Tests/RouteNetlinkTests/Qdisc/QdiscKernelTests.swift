import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Queueing disciplines in the kernel", .needsKernel)
struct QdiscKernelTests {
  private func withLink(_ body: (TestNamespace, _ index: Int32) async throws -> Void) async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb")
      try await body(namespace, namespace.linkIndex("va"))
    }
  }

  private func said(_ namespace: TestNamespace) async throws -> JSONValue {
    try await namespace.json("tc", "-j", "-s", "qdisc", "show", "dev", "va")[0]
  }

  private func tokenBucket(_ rate: UInt64, _ burst: UInt32, _ limit: UInt32, _ index: Int32) -> RootQdisc {
    RootQdisc(.tokenBucket(TokenBucket(rate: rate, burst: burst, limit: limit)), linkIndex: index)
  }

  @Test("a token bucket is set, changed in its place, read back as written, and deleted once or often")
  func tokenBucket() async throws {
    try await withLink { namespace, index in
      let slow = tokenBucket(125_000, 32_768, 65_536, index)
      try await namespace.apply { $0.replace(slow, linkName: "va") }
      let first = try await said(namespace)
      #expect(first["kind"] == "tbf")
      #expect(first["root"] == true)
      #expect(first["options"]["rate"] == 125_000)
      #expect(first["options"]["burst"] == 32_768)
      #expect(try await namespace.route { try $0.rootQdiscs() } == [slow])
      #expect(try await namespace.route { try $0.rootQdiscs(linkIndex: index) } == [slow])
      #expect(try await namespace.route { try $0.rootQdiscs(linkIndex: 1) }.isEmpty)

      let fast = tokenBucket(12_500_000_000, 1 << 20, 2 << 20, index)
      try await namespace.apply { $0.replace(fast) }
      let second = try await said(namespace)
      #expect(second["handle"] == first["handle"])
      #expect(second["options"]["rate"] == 12_500_000_000)
      #expect(try await namespace.route { try $0.rootQdiscs() } == [fast.normalForm])

      for _ in 1...2 { try await namespace.apply { $0.deleteTokenBucket(linkIndex: index) } }
      #expect(try await namespace.route { try $0.rootQdiscs() }.isEmpty)
      #expect(try await said(namespace)["kind"] != "tbf")
      try await namespace.apply { $0.deleteTokenBucket(linkIndex: 9999) }
    }
  }

  @Test("what tc set is read")
  func byTc() async throws {
    try await withLink { namespace, index in
      try await namespace.command(
        "tc", "qdisc", "add", "dev", "va", "root", "tbf", "rate", "8mbit", "burst", "5000", "limit", "9000")
      let read = try await namespace.route { try $0.rootQdiscs() }
      #expect(read.map(\.normalForm) == [tokenBucket(1_000_000, 5000, 9000, index)])
      try await namespace.command(
        "tc", "qdisc", "replace", "dev", "va", "root", "tbf", "rate", "8mbit", "burst", "5000", "limit", "9000",
        "peakrate", "16mbit", "mtu", "2000")
      #expect(try await namespace.route { try $0.rootQdiscs() }.map(\.kind.name) == ["tbf"])
      #expect(try await namespace.route { try $0.rootQdiscs() }.map(\.normalForm) != read.map(\.normalForm))
    }
  }

  @Test("whatever the rate and the burst, what is read back equals the normal form of what was written")
  func rounding() async throws {
    try await withLink { namespace, index in
      try await namespace.route { socket in
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
          let rate = UInt64.random(in: 1...(1 << UInt64.random(in: 1...36, using: &random)), using: &random)
          let burst = UInt32.random(in: 1...(1 << UInt32.random(in: 1...30, using: &random)), using: &random)
          let bucket = TokenBucket(rate: rate, burst: burst, limit: UInt32.random(in: 1...(.max >> 1), using: &random))
          let written = RootQdisc(.tokenBucket(bucket), linkIndex: index)
          var batch = RouteBatch()
          batch.replace(written)
          try socket.apply(batch)
          #expect(try socket.rootQdiscs() == [written.normalForm])
        }
      }
    }
  }

  @Test("it goes in the same datagram as what else is done to a link")
  func oneDatagram() async throws {
    try await withLink { namespace, index in
      let bucket = tokenBucket(1_000_000, 5000, 9000, index)
      let count = try await namespace.route { socket in
        var batch = RouteBatch()
        var change = LinkChange(.index(index))
        change.alias = "marked"
        batch.set(change)
        batch.replace(bucket)
        batch.set(.up(.index(index)))
        batch.addAlternativeName("web-1.eth0", to: .index(index))
        let count = batch.datagrams.count
        try socket.apply(batch)
        return count
      }
      #expect(count == 1)
      #expect(try await said(namespace)["kind"] == "tbf")
      #expect(try await namespace.ipLink("va")["ifalias"] == "marked")
    }
  }

  @Test("a discipline of another kind is replaced, but not deleted")
  func others() async throws {
    try await withLink { namespace, index in
      try await namespace.command("tc", "qdisc", "add", "dev", "va", "root", "pfifo", "limit", "5")
      let read = try await namespace.route { try $0.rootQdiscs() }
      #expect(read == [RootQdisc(.other(name: "pfifo", options: [5, 0, 0, 0]), linkIndex: index)])
      try await namespace.apply { $0.deleteTokenBucket(linkIndex: index) }
      #expect(try await namespace.route { try $0.rootQdiscs() } == read)

      let bucket = tokenBucket(1_000_000, 5000, 9000, index)
      try await namespace.apply { $0.replace(bucket) }
      #expect(try await namespace.route { try $0.rootQdiscs() } == [bucket])
      // And what was read of the other can be written again.
      try await namespace.apply { $0.replace(read[0]) }
      #expect(try await said(namespace)["options"]["limit"] == 5)
    }
  }

  @Test("a discipline that the kernel lacks is ENOENT, and says which; a rate or a burst of 0 is refused")
  func refused() async throws {
    try await withLink { namespace, index in
      let lacking = try await namespace.send {
        $0.replace(RootQdisc(.other(name: "nosuch", options: []), linkIndex: index), linkName: "va")
      }
      #expect(lacking.map(\.errno) == [.noSuchFile])
      #expect(lacking.first?.operation == "set root qdisc nosuch of va")
      let (noRate, noBurst) = (tokenBucket(0, 5000, 9000, index), tokenBucket(1000, 0, 9000, index))
      let failures = try await namespace.send {
        $0.replace(noRate)
        $0.replace(noBurst)
      }
      #expect(failures.map(\.errno) == [.invalidArgument, .invalidArgument])
      #expect(try await namespace.send { $0.replace(noRate, linkName: "va") }.count == 1)
      let gone = tokenBucket(1000, 5000, 9000, 9999)
      #expect(try await namespace.send { $0.replace(gone) }.map(\.errno) == [.noSuchDevice])
    }
  }

  @Test("a link sends its burst, keeps its limit waiting, and drops the rest")
  func drops() async throws {
    try await withNamespaces { inside, outside in
      // Nothing but the datagrams takes tokens: no neighbour discovery, no reports of groups, no ARP.
      for namespace in [inside, outside] {
        try await namespace.run { try Sysctl(rawValue: "net/ipv6/conf/default/disable_ipv6").write("1") }
      }
      try await inside.connect(.init("va", "198.51.100.1/24"), to: outside, .init("vb", "198.51.100.2/24"))
      let mac = try #require(try await outside.ipLink("vb")["address"].string)
      try await inside.command("ip", "neighbour", "replace", "198.51.100.2", "lladdr", mac, "dev", "va")
      let index = try await inside.linkIndex("va")
      // A byte a second: whatever the machine is doing, no fifth is paid for while this runs.
      let bucket = tokenBucket(1, 5000, 2000, index)
      try await inside.apply { $0.replace(bucket) }
      let receiver = try await UDPSocket(in: outside, port: 9)
      let sender = try await UDPSocket(in: inside)
      // 1042 bytes each: four pass, and one waits.
      for _ in 1...20 {
        try? sender.send(String(repeating: "x", count: 1000), to: Endpoint(IPv4Address(198, 51, 100, 2), 9))
      }
      for _ in 1...4 { #expect(await receiver.received() != nil) }
      let statistics = try await said(inside)
      #expect(statistics["packets"] == 4)
      #expect(statistics["qlen"] == 1)
      #expect(statistics["drops"] == 15)
      #expect(await receiver.received(within: .zero) == nil)
    }
  }
}
