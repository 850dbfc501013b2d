import Linux
import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("A network's name server", .needsKernel)
struct NameTests {
  @Test(
    "tells its guests of the outside, and of each other where they may reach each other",
    arguments: Network.Mode.allCases, [false, true])
  func names(mode: Network.Mode, allowsInterVM: Bool) async throws {
    try await InnerSite.useNames(mode, allowsInterVM: allowsInterVM) { inner in
      let made = try await inner.attach("web-1")
      let neighbor = try await inner.attach("Db_1")
      let guest = try await inner.site.boot(made)
      #expect(made.bootArguments.hasSuffix("::eth0:off:\(made.gatewayIP)"))
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      #expect(try await guest.probeTCP(made.gatewayIP, port: 53) == .accepted)
      // What there is of this name outside is not what it is here.
      #expect(try await guest.lookUp("web-9.inner.internal") == .unknown)
      #expect((neighbor.domainName != nil) == allowsInterVM)
      let reverse = neighbor.address.bytes.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa"
      if let name = neighbor.domainName {
        #expect(try await guest.lookUp(name) == .addresses(neighbor.address))
        #expect(try await guest.lookUp("web-1.inner.internal") == .addresses(made.address))
        #expect(try await guest.lookUp(reverse, .pointer)?.names == [name])
        try await inner.site.manager.detach(vmID: "Db_1")
        #expect(try await eventually { try await guest.lookUp(name) == .unknown })
      } else {
        let label = try Identifier(parsing: "Db_1", field: "").domainLabel
        #expect(try await guest.lookUp("\(label).inner.internal") == .unknown)
      }
      #expect(try await guest.lookUp(reverse, .pointer) == .unknown)
      #expect(try await inner.site.manager.check() == [])
    }
  }

  @Test("answers nobody else: not the outside, and no guest of another network", arguments: Network.Mode.allCases)
  func others(mode: Network.Mode) async throws {
    try await InnerSite.useNames(mode, hostAccess: .nothing) { inner in
      let site = inner.site
      let gateway = inner.network.subnet.gateway
      let guest = try await inner.guest("web-1")
      for access in ["dns", "all"] {
        let other = try await site.manager.createNetwork(
          NetworkRequest(
            name: "\(access)",
            settings: NetworkSettings(
              hostAccess: try HostAccess(parsing: access), nameServer: NameServer(upstreams: [Site.server]))))
        let stranger = try await site.guest("stranger-\(access)", in: "\(access)")
        #expect(try await stranger.lookUp("example.org") == .addresses(Upstream.example))
        #expect(try await stranger.lookUp("example.org", at: gateway, within: Upstream.limit) == nil)
        #expect(try await stranger.probeTCP(gateway, port: 53, within: Upstream.limit) == .silence)
        #expect(try await guest.lookUp("example.org", at: other.subnet.gateway, within: Upstream.limit) == nil)
      }
      let client = try await UDPSocket(in: site.internet)
      for target in [gateway, Site.hostAddress] {
        try client.send(
          String(decoding: DNSMessage.query("example.org", id: 7), as: UTF8.self), to: Endpoint(target, 53))
      }
      #expect(await client.received(within: Upstream.limit) == nil)
      // The guest may reach nothing else of the host; and the host itself may ask.
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      #expect(try await !guest.ping(try #require(guest.gateway), within: Upstream.limit))
      let answer = try await site.host.command("busybox", "nslookup", "-type=a", "example.org", "\(gateway)")
      #expect(answer.contains("\(Upstream.example)"))
    }
  }

  @Test("is not hidden by ports that guests publish")
  func published() async throws {
    try await InnerSite.useNames { inner in
      let made = try await inner.site.manager.attach(
        AttachRequest(
          vmID: "dns-1", network: "inner",
          settings: .init(published: try [PublishedPort](parsing: "198.51.100.1:53:53/udp"))
        ))
      let guest = try await inner.site.boot(made)
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      await #expect(throws: TapestryError.self) {
        try await inner.site.manager.publish(vmID: "dns-1", ports: try [PublishedPort](parsing: "53:53/tcp"))
      }
    }
  }

  @Test("goes on for guests whose policies change")
  func policies() async throws {
    try await InnerSite.useNames { inner in
      let guest = try await inner.guest("web-1")
      #expect(try await guest.lookUp("example.org") == .addresses(Upstream.example))
      try await inner.site.manager.update(network: "inner") { settings in
        settings.egress.reach = .nothing
        settings.hostAccess = .nothing
      }
      #expect(try await inner.site.manager.check() == [])
      #expect(try await guest.lookUp("www.example.org")?.addresses == [IPv4Address(203, 0, 113, 8)])
    }
  }

  @Test("answers nobody outside by IPv6, though dnsmasq binds what its bridge has of it")
  func closedToIPv6() async throws {
    try await InnerSite.use(subnet6: .site, hostAccess: try HostAccess(parsing: "all"), nameServer: NameServer()) {
      inner in
      let target = Endpoint(try inner.hostAddress6, 53)
      await #expect(throws: KernelError.self) {
        _ = try await TCPConnection(from: inner.site.internet, to: target, within: .seconds(1))
      }
      #expect(try await inner.manager.check() == [])
      // It is the ruleset that closes it.
      try await inner.site.host.command("nft", "flush", "set", "inet", "tapestry", "services6")
      _ = try await TCPConnection(from: inner.site.internet, to: target)
    }
  }
}
