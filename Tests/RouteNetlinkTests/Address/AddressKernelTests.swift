import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Addresses in the kernel", .needsKernel)
struct AddressKernelTests {
  private func withBridge(_ body: (TestNamespace, _ index: Int32) async throws -> Void) async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "svbr0", "up", "type", "bridge")
      try await body(namespace, namespace.linkIndex("svbr0"))
    }
  }

  private func addresses(_ namespace: TestNamespace) async throws -> JSONValue {
    try await namespace.json("ip", "-j", "address", "show", "dev", "svbr0")[0]["addr_info"]
  }

  private func gateway(_ index: Int32) -> InterfaceAddress {
    var address = InterfaceAddress(.v4(IPv4Address(172, 30, 0, 1)), prefixLength: 24, linkIndex: index)
    address.broadcast = IPv4Address(172, 30, 0, 255)
    return address
  }

  @Test("an IPv4 address is set, and set again without harm")
  func add() async throws {
    try await withBridge { namespace, index in
      let address = gateway(index)
      try await namespace.apply { $0.replace(address, linkName: "svbr0") }
      let said = try await addresses(namespace).first(where: "family", is: "inet")
      #expect(said["local"] == "172.30.0.1")
      #expect(said["prefixlen"] == 24)
      #expect(said["broadcast"] == "172.30.0.255")
      #expect(said["scope"] == "global")

      try await namespace.apply { $0.replace(address) }
      #expect(try await addresses(namespace).elements.count { $0["family"] == "inet" } == 1)

      let read = try await namespace.route { try $0.addresses(family: .inet) }.filter { $0.linkIndex == index }
      #expect(read.count == 1)
      #expect(read.first?.address == address.address)
      #expect(read.first?.prefixLength == 24)
      #expect(read.first?.broadcast == address.broadcast)
    }
  }

  @Test("an IPv6 address is added without duplicate address detection")
  func ipv6() async throws {
    try await withBridge { namespace, index in
      var new = InterfaceAddress(.v6(try IPv6Address(parsing: "fd00::1")), prefixLength: 64, linkIndex: index)
      new.skipsDuplicateDetection = true
      let address = new
      try await namespace.apply { $0.replace(address) }
      let said = try await addresses(namespace).first(where: "local", is: "fd00::1")
      #expect(said["prefixlen"] == 64)
      #expect(said["nodad"] == true)
      let read = try await namespace.route { try $0.addresses(family: .inet6) }.filter { $0.linkIndex == index }
      #expect(read.contains(address))
    }
  }

  @Test("addresses are listed by family, as iproute2 made them")
  func list() async throws {
    try await withBridge { namespace, index in
      try await namespace.command("ip", "address", "add", "198.51.100.1", "peer", "198.51.100.2/32", "dev", "svbr0")
      try await namespace.command("ip", "address", "add", "fd00::1/64", "dev", "svbr0", "nodad")
      let all = try await namespace.route { try $0.addresses() }
      let said = try await namespace.json("ip", "-j", "address").elements.flatMap { $0["addr_info"].elements }
      #expect(Set(all.map(\.address.description)) == Set(said.compactMap { $0["local"].string }))
      #expect(all.count == said.count)

      let four = try await namespace.route { try $0.addresses(family: .inet) }.filter { $0.linkIndex == index }
      #expect(four.map(\.address) == [.v4(IPv4Address(198, 51, 100, 1))])
      #expect(try await namespace.route { try $0.addresses(family: .inet) }.count == 2)
    }
  }
}
