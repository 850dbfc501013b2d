import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Neighbours in the kernel", .needsKernel)
struct NeighborKernelTests {
  private func withBridge(_ body: (TestNamespace, _ index: Int32) async throws -> Void) async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "svbr0", "up", "type", "bridge")
      try await body(namespace, namespace.linkIndex("svbr0"))
    }
  }

  private func entries(_ namespace: TestNamespace) async throws -> [JSONValue] {
    try await namespace.json("ip", "-j", "-4", "neighbour", "show", "dev", "svbr0").elements
  }

  /// The permanent entries; the kernel makes others, of NUD_NOARP, for multicast addresses.
  private func permanent(_ namespace: TestNamespace, _ family: AddressFamily) async throws -> [Neighbor] {
    try await namespace.route { try $0.neighbors(family: family) }.filter { $0.state == .permanent }
  }

  private let guest = IPAddress.v4(IPv4Address(198, 51, 100, 7))
  private let mac = MACAddress(2, 0, 0, 0, 0, 7)

  @Test("a permanent entry is made and replaced")
  func permanent() async throws {
    try await withBridge { namespace, index in
      let neighbor = Neighbor.permanent(guest, mac, linkIndex: index)
      try await namespace.apply { $0.replace(neighbor) }
      #expect(
        try await entries(namespace) == [
          ["dst": "198.51.100.7", "lladdr": "02:00:00:00:00:07", "state": ["PERMANENT"]]
        ])
      let other = Neighbor.permanent(guest, MACAddress(2, 0, 0, 0, 0, 8), linkIndex: index)
      try await namespace.apply { $0.replace(other) }
      #expect(try await entries(namespace).map { $0["lladdr"] } == ["02:00:00:00:00:08"])
      let read = try await permanent(namespace, .inet)
      #expect(read.map(\.address) == [guest])
      #expect(read.map(\.macAddress) == [other.macAddress])
      #expect(read.map(\.linkIndex) == [index])
    }
  }

  @Test("an entry of either family is flushed, whatever its state; one that is not there, or whose link is gone, too")
  func flush() async throws {
    try await withBridge { namespace, index in
      try await namespace.command(
        "ip", "neighbour", "add", "198.51.100.7", "lladdr", "02:00:00:00:00:07", "dev", "svbr0", "nud", "reachable")
      try await namespace.command("ip", "neighbour", "add", "fd00::7", "lladdr", "02:00:00:00:00:07", "dev", "svbr0")
      let (four, six) = (guest, IPAddress.v6(try IPv6Address(parsing: "fd00::7")))
      #expect(try await namespace.route { try $0.neighbors() }.count { [four, six].contains($0.address) } == 2)
      for _ in 1...2 {
        try await namespace.apply {
          $0.flushNeighbor(four, linkIndex: index)
          $0.flushNeighbor(six, linkIndex: index)
          $0.flushNeighbor(four, linkIndex: 9999)
        }
      }
      #expect(try await namespace.route { try $0.neighbors() }.count { [four, six].contains($0.address) } == 0)
    }
  }

  @Test("entries are listed by family")
  func list() async throws {
    try await withBridge { namespace, index in
      let four = Neighbor.permanent(guest, mac, linkIndex: index)
      let six = Neighbor.permanent(.v6(try IPv6Address(parsing: "fd00::7")), mac, linkIndex: index)
      try await namespace.apply {
        $0.replace(four)
        $0.replace(six)
      }
      #expect(try await permanent(namespace, .inet) == [four])
      #expect(try await permanent(namespace, .inet6) == [six])
    }
  }

  @Test("a forwarding entry is made for a port, made again without harm, and made local")
  func forwarding() async throws {
    try await withBridge { namespace, _ in
      try await namespace.command("ip", "link", "add", "va", "master", "svbr0", "type", "veth", "peer", "name", "vb")
      let entry = ForwardingEntry(mac, port: try await namespace.linkIndex("va"))
      for _ in 1...2 { try await namespace.apply { $0.replace(entry, linkName: "va") } }
      // A kernel with VLANs on bridges makes another for the port's own VLAN.
      let said = try await namespace.json("bridge", "-j", "fdb", "show", "dev", "va").elements
        .filter(\.["vlan"].isNull)
      #expect(said.filter { $0["mac"] == "02:00:00:00:00:07" }.map { $0["state"] } == ["static"])
      #expect(try await namespace.route { try $0.forwardingEntries() }.filter { $0.macAddress == mac } == [entry])
      let local = ForwardingEntry(mac, port: entry.port, kind: .local)
      try await namespace.apply { $0.replace(local, linkName: "va") }
      #expect(try await namespace.route { try $0.forwardingEntries() }.filter { $0.macAddress == mac } == [local])
      // What another port makes its own MAC does not displace it.
      try await namespace.command(
        "ip", "link", "add", "vc", "address", "\(mac)", "master", "svbr0", "type", "veth", "peer", "name", "vd")
      #expect(try await namespace.route { try $0.forwardingEntries() }.filter { $0.macAddress == mac } == [local])

      let unenslaved = ForwardingEntry(mac, port: try await namespace.linkIndex("vb"))
      let failures = try await namespace.send { $0.replace(unenslaved, linkName: "vb") }
      #expect(failures.map(\.operation) == ["set forwarding entry 02:00:00:00:00:07 dev vb"])
    }
  }
}
