import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Egress by domain", .needsKernel)
struct DomainTests {
  private static func policy(
    _ reach: EgressPolicy.Reach = .inherited, _ domains: String..., rules: [TrafficRule] = []
  ) throws -> EgressPolicy {
    EgressPolicy(reach: reach, rules: rules, domains: try domains.map(DomainPattern.init(parsing:)))
  }

  /// By the last byte of 203.0.113.0/24.
  private static func place(_ number: UInt8) -> IPv4Address { IPv4Address(203, 0, 113, number) }
  private static let port: UInt16 = 443

  /// Has the internet's server answer at the addresses that names have there.
  private static func serve(_ inner: InnerSite) async throws -> TCPListener {
    for address in ["203.0.113.0/24", "10.1.2.3", "169.254.169.254"] {
      try await inner.site.internet.command("ip", "route", "add", "local", address, "dev", "lo")
    }
    return try await TCPListener(in: inner.site.internet, port: port)
  }

  private static func reaches(_ guest: StandInGuest, _ address: IPv4Address, expecting: Bool) async throws -> Bool {
    let limit = expecting ? Duration.patience : Upstream.limit
    return try await guest.probeTCP(address, port: port, within: limit) == .accepted
  }

  @Test(
    "leads to what has been looked up of it, if it is on the internet, and nowhere else",
    arguments: Network.Mode.allCases)
  func learnt(mode: Network.Mode) async throws {
    try await InnerSite.useNames(mode, egress: try Self.policy(.nothing, "example.org", "*.example.net")) {
      inner in
      _ = try await Self.serve(inner)
      let guest = try await inner.guest("web-1")
      #expect(try await !Self.reaches(guest, Self.place(7), expecting: false))
      let names = [
        "example.org", "www.example.org", "example.net", "www.example.net", "a.b.example.net", "private.example.net",
        "metadata.example.net", "cdn.example.net", "elsewhere.example",
      ]
      for name in names { #expect(try await guest.lookUp(name)?.addresses.count == 1, "\(name)") }
      // The name itself; names below the other; what an alias leads to.
      for number: UInt8 in [7, 11, 12, 13] {
        #expect(try await Self.reaches(guest, Self.place(number), expecting: true), "203.0.113.\(number)")
      }
      // A name below the one; the other itself; what has not been asked for; what is not on the internet.
      for address in [Self.place(8), Self.place(10), Self.place(99), IPv4Address(10, 1, 2, 3), Site.metadata] {
        #expect(try await !Self.reaches(guest, address, expecting: false), "\(address)")
      }
      #expect(try await inner.site.manager.check() == [])
    }
  }

  @Test("is what an attachment, or its network, names; rules come first", arguments: Network.Mode.allCases)
  func owners(mode: Network.Mode) async throws {
    try await InnerSite.useNames(mode, egress: try Self.policy(.nothing, "www.example.net")) { inner in
      _ = try await Self.serve(inner)
      let manager = inner.site.manager
      let deny = try [Traffic](parsing: "203.0.113.8").map { TrafficRule(.deny, $0) }
      let own = try Self.policy(.inherited, "example.org", "*.example.org", rules: deny)
      let guest = try await inner.site.boot(
        try await manager.attach(AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own))))
      let other = try await inner.guest("web-2")
      for name in ["example.org", "www.example.org", "www.example.net"] {
        #expect(try await guest.lookUp(name)?.addresses.count == 1)
      }
      #expect(try await Self.reaches(guest, Self.place(7), expecting: true))
      #expect(try await Self.reaches(guest, Self.place(11), expecting: true))
      #expect(try await !Self.reaches(guest, Self.place(8), expecting: false))
      #expect(try await Self.reaches(other, Self.place(11), expecting: true))
      #expect(try await !Self.reaches(other, Self.place(7), expecting: false))
      #expect(try await manager.check() == [])
    }
  }

  @Test("is forgotten after some time, unless connections have begun meanwhile")
  func timeout() async throws {
    try await InnerSite.useNames(egress: try Self.policy(.nothing, "example.org")) { inner in
      _ = try await Self.serve(inner)
      let guest = try await inner.guest("web-1")
      let set = "name.example.org..\(inner.network.bridge)"
      func left() async throws -> [Int] {
        let found = try await inner.site.host.json("nft", "-j", "list", "set", "inet", "tapestry", set)["nftables"]
        return found[1]["set"]["elem"].elements.map { $0["elem"]["expires"].int ?? 0 }
      }
      for (address, time) in [(Self.place(50), "2s"), (Self.place(51), "1h expires 60s")] {
        try await inner.site.host.command(
          "nft", "add", "element", "inet", "tapestry", set, "{", "\(address) timeout \(time)", "}")
      }
      #expect(try await left().allSatisfy { $0 <= 60 })
      #expect(try await Self.reaches(guest, Self.place(51), expecting: true))
      #expect(try await left().contains { $0 > 3500 })
      #expect(try await eventually { try await left().count == 1 })
      #expect(try await !Self.reaches(guest, Self.place(50), expecting: false))
      #expect(try await guest.lookUp("example.org") == .addresses(Self.place(7)))
      #expect(try await left().filter { $0 > 3500 }.count == 2)
    }
  }

  @Test("that a policy no longer has, when its change was cut short, leave drift, which a repair mends")
  func interrupted() async throws {
    try await InnerSite.useNames(egress: EgressPolicy(reach: .nothing)) { inner in
      let manager = inner.site.manager
      let listener = try await Self.serve(inner)
      let own = try Self.policy(.inherited, "example.org", "*.example.net")
      let guest = try await inner.site.bootStack(
        try await manager.attach(AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own))))
      try await inner.site.host.command(
        "busybox", "nslookup", "-type=a", "www.example.net", "\(inner.network.subnet.gateway)")
      let lost = try await TCPConnection(from: guest.namespace, to: Endpoint(Self.place(11), Self.port))
      #expect(await listener.accepted() != nil)

      // Written down, and no more.
      let store = try SQLiteLeaseStore(path: inner.site.rig.statePath)
      try store.update([try key("web-1/eth0")]) { lease in
        var settings = lease.settings
        settings.egress.domains.removeLast()
        return settings
      }
      let goesOn = "to \(Self.place(11)):\(Self.port)/tcp is established"
      #expect(try await manager.check().contains { $0.description.contains(goesOn) })
      #expect(try await manager.repair().contains { $0.description.contains(goesOn) })
      #expect(try await lost.exchange("one", within: .milliseconds(400)) == "")
      #expect(try await manager.check() == [])
      #expect(try store.lease(for: try key("web-1/eth0"))?.isUnsettled == false)
    }
  }

  @Test("that a policy no longer has ends its connections, and no others", arguments: Network.Mode.allCases)
  func changed(mode: Network.Mode) async throws {
    try await InnerSite.useNames(mode, egress: EgressPolicy(reach: .nothing)) { inner in
      let manager = inner.site.manager
      let listener = try await Self.serve(inner)
      let own = try Self.policy(.inherited, "example.org", "*.example.net")
      let guest = try await inner.site.bootStack(
        try await manager.attach(AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own))))
      // As the guest does.
      for name in ["example.org", "www.example.net"] {
        try await inner.site.host.command("busybox", "nslookup", "-type=a", name, "\(inner.network.subnet.gateway)")
      }
      let kept = try await TCPConnection(from: guest.namespace, to: Endpoint(Self.place(7), Self.port))
      let lost = try await TCPConnection(from: guest.namespace, to: Endpoint(Self.place(11), Self.port))
      for _ in 0..<2 { #expect(await listener.accepted() != nil) }
      #expect(try await kept.exchange("one") == "one")
      #expect(try await lost.exchange("one") == "one")
      #expect(try await manager.check() == [])

      // What is known of a domain outlives the list that it was in.
      try await manager.setPolicy(
        vmID: "web-1", egress: try Self.policy(.inherited, "example.org", "elsewhere.example"))
      #expect(try await kept.exchange("two") == "two")
      #expect(try await lost.exchange("two", within: .milliseconds(400)) == "")
      _ = try await TCPConnection(from: guest.namespace, to: Endpoint(Self.place(7), Self.port))
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(
          from: guest.namespace, to: Endpoint(Self.place(11), Self.port), within: .milliseconds(300))
      }
      #expect(try await manager.check() == [])

      // One that has been going on for longer than what was learnt is drift to nobody.
      let set = "name.example.org..\(inner.network.bridge)"
      try await inner.site.host.command("nft", "flush", "set", "inet", "tapestry", set)
      #expect(try await manager.check() == [])
      #expect(try await manager.repair() == [])
      #expect(try await kept.exchange("three") == "three")
    }
  }

  @Test(
    "is learnt by nobody else's doing: those that fill the sets answer the host alone", arguments: Network.Mode.allCases
  )
  func resolvers(mode: Network.Mode) async throws {
    let policy = try Self.policy(.nothing, "example.org", "*.example.net")
    try await InnerSite.useNames(mode, hostAccess: try HostAccess(parsing: "all")) { inner in
      let site = inner.site
      let gateway = inner.network.subnet.gateway
      let published = try NameServerRole.resolverPorts.flatMap { try [PublishedPort](parsing: "\($0):53/udp") }
      let guest = try await site.boot(
        try await site.manager.attach(
          AttachRequest(vmID: "web-1", network: "inner", settings: .init(published: published))))
      try await site.manager.setPolicy(network: "inner", egress: policy)
      let stranger = try await site.guest("web-2")
      for port in NameServerRole.resolverPorts {
        let target = Endpoint(gateway, port)
        for asking in [guest, stranger] {
          #expect(try await asking.probeTCP(gateway, port: port, within: Upstream.limit) == .silence)
          #expect(
            try await asking.exchangeUDP(
              DNSMessage.query("www.example.org", id: 7), with: gateway, port: port, within: Upstream.limit) == nil)
        }
        await #expect(throws: (any Error).self) {
          _ = try await TCPConnection(from: site.internet, to: target, within: Upstream.limit)
        }
      }
      // Ports that guests publish do not come in between.
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      #expect(try await guest.lookUp("www.example.net") == .addresses(Self.place(11)))
    }
  }

  @Test("holds for IPv6 too", arguments: Network.Mode.withIPv6)
  func ipv6(mode: Network.Mode) async throws {
    try await InnerSite.use(mode, subnet6: .site) { inner in
      let site = inner.site
      try await site.startUpstream()
      let network = try await inner.manager.createNetwork(
        NetworkRequest(
          name: "six", mode: mode, subnet6: .automatic,
          settings: NetworkSettings(
            egress: try Self.policy(.nothing, "www.example.net", rules: [InnerSite.ping]),
            nameServer: NameServer(upstreams: [Site.server]))))
      let made = try await inner.manager.attach(AttachRequest(vmID: "web-1", network: "six"))
      let guest = try await site.boot(made)
      let forger = try await Forger(guest)
      let source = try #require(made.guestIP6)
      let forgeries = (["2001:db8:9::11", "2001:db8:9::12"] as [IPv6Address]).map {
        forger.udp6("\($0)", from: source, to: $0)
      }
      #expect(try await inner.escaped(forgeries, from: guest) == [])
      try await site.host.command(
        "busybox", "nslookup", "-type=aaaa", "www.example.net", "\(network.subnet.gateway)")
      #expect(try await inner.escaped(forgeries, from: guest) == ["2001:db8:9::11"])
      #expect(try await inner.manager.check() == [])
    }
  }
}
