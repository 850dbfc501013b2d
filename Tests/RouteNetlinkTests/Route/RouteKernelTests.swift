import Linux
import NetTypes
import Netlink
import TestKit
import Testing

@testable import RouteNetlink

@Suite("Routes in the kernel", .needsKernel)
struct RouteKernelTests {
  /// A namespace with a veth pair that is up, `va` with 172.30.0.1/24.
  private func withLink(_ body: (TestNamespace, _ index: Int32) async throws -> Void) async throws {
    try await withNamespace { namespace in
      try await namespace.command("ip", "link", "add", "va", "up", "type", "veth", "peer", "name", "vb")
      try await namespace.command("ip", "link", "set", "vb", "up")
      try await namespace.command("ip", "address", "add", "172.30.0.1/24", "dev", "va")
      try await body(namespace, namespace.linkIndex("va"))
    }
  }

  private let host = IPv4Address(198, 51, 100, 7)

  @Test("a route to a host on a link is set, and set again")
  func host() async throws {
    try await withLink { namespace, index in
      let route = Route(.host(.v4(host)), outputLink: index)
      try await namespace.apply { $0.replace(route) }
      let said = try await namespace.json("ip", "-j", "-d", "route", "show", "198.51.100.7")[0]
      #expect(said["dev"] == "va")
      #expect(said["scope"] == "link")
      #expect(said["protocol"] == "static")
      #expect(said["type"] == "unicast")

      try await namespace.apply { $0.replace(route) }
      let read = try await namespace.route { try $0.routes() }.filter { $0.table == .main }
      #expect(read.count { $0.destination == route.destination } == 1)
      #expect(read.contains { $0.outputLink == index })
    }
  }

  @Test("a route by a gateway goes into a table of its own, and is replaced there")
  func gateway() async throws {
    try await withLink { namespace, index in
      let table = RouteTable(rawValue: 1000)
      var new = Route(
        .v4(try IPv4Prefix(parsing: "203.0.113.0/24")), gateway: .v4(IPv4Address(172, 30, 0, 9)), outputLink: index)
      new.table = table
      new.preferredSource = .v4(IPv4Address(172, 30, 0, 1))
      let route = new
      try await namespace.apply { $0.replace(route) }
      let said = try await namespace.json("ip", "-j", "route", "show", "table", "1000")
      #expect(said.elements.count == 1)
      #expect(said[0]["dst"] == "203.0.113.0/24")
      #expect(said[0]["gateway"] == "172.30.0.9")
      #expect(said[0]["prefsrc"] == "172.30.0.1")

      let read = try await namespace.route { try $0.routes() }.filter { $0.table == table }
      #expect(read.count == 1)
      #expect(read.first?.gateway == route.gateway)
      #expect(read.first?.table == table)
      #expect(read.first?.preferredSource == route.preferredSource)

      new.gateway = .v4(IPv4Address(172, 30, 0, 10))
      let other = new
      try await namespace.apply { $0.replace(other) }
      let replaced = try await namespace.json("ip", "-j", "route", "show", "table", "1000")
      #expect(replaced.elements.map { $0["gateway"] } == ["172.30.0.10"])
    }
  }

  @Test("a route that the kernel refuses keeps the kernel's words")
  func refusal() async throws {
    try await withLink { namespace, index in
      let route = Route(
        .v4(try IPv4Prefix(parsing: "0.0.0.0/0")), gateway: .v4(IPv4Address(203, 0, 113, 1)), outputLink: index)
      let failures = try await namespace.send { $0.replace(route, linkName: "va") }
      #expect(failures.map(\.errno) == [.networkUnreachable])
      #expect(failures.first?.operation == "set route default via 203.0.113.1 dev va")
      #expect(failures.first?.kernelMessage == "Nexthop has invalid gateway")
    }
  }

  @Test("an IPv6 route is set")
  func ipv6() async throws {
    try await withLink { namespace, index in
      let route = Route(.v6(try IPv6Prefix(parsing: "2001:db8::/32")), outputLink: index)
      try await namespace.apply { $0.replace(route) }
      #expect(try await namespace.json("ip", "-6", "-j", "route", "show", "2001:db8::/32")[0]["dev"] == "va")
      let read = try await namespace.route { try $0.routes(family: .inet6) }.filter { $0.table == .main }
      #expect(read.contains { $0.destination == route.destination && $0.outputLink == index })
    }
  }

  @Test("routes are listed by table, as iproute2 made them")
  func list() async throws {
    try await withLink { namespace, _ in
      try await namespace.command("ip", "route", "add", "default", "via", "172.30.0.254", "metric", "9")
      try await namespace.command(
        "ip", "route", "add", "198.51.100.0/24", "nexthop", "via", "172.30.0.2", "nexthop", "via", "172.30.0.3")
      for (table, name) in [(RouteTable.main, "main"), (.local, "local")] {
        let said = try await namespace.json("ip", "-j", "-4", "-N", "route", "show", "table", name).elements
        let read = try await namespace.route { try $0.routes() }.filter { $0.table == table }
        #expect(read.count == said.count)
        #expect(!read.isEmpty)
        #expect(read.map { $0.gateway?.description } == said.map { $0["gateway"].string })
      }
      let all = try await namespace.route { try $0.routes() }
      #expect(Set(all.map(\.table)) == [.main, .local])
      // RTA_MULTIPATH is kept unread.
      #expect(all.contains { $0.other.contains { $0.type == 9 } })
    }
  }
}
