import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("The host's 127.0.0.1", .needsKernel)
struct LoopbackTests {
  private static let own = IPv4Address(127, 0, 0, 1)

  private static func ports(_ texts: String...) throws -> [PublishedPort] {
    try texts.flatMap([PublishedPort].init(parsing:))
  }

  /// The link by which the host's packets come to a guest.
  private static func link(_ made: Tapestry.Attachment, _ inner: InnerSite) -> String {
    inner.network.mode == .bridge ? inner.network.bridge.rawValue : made.tapName.rawValue
  }

  private static func leadsThere(_ link: String, _ site: Site) async throws -> Bool {
    try await site.host.command("cat", "/proc/sys/net/ipv4/conf/\(link)/route_localnet") == "1\n"
  }

  @Test(
    "is not to be reached by guests when the ruleset is gone, while no port is published",
    arguments: Network.Mode.allCases)
  func flushed(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let made = try await inner.attach("web-1")
      let guest = try await site.boot(made)
      let listener = try await UDPSocket(in: site.host, address: Self.own, port: 9000)
      let mac = try await guest.gatewayMAC()
      #expect(try await !Self.leadsThere(Self.link(made, inner), site))
      try await site.host.command("nft", "flush", "ruleset")
      let knock = { (text: String) throws in
        let datagram = UDPDatagram(from: 40_000, to: 9000, payload: Array(text.utf8))
        try guest.send(.ipv4(.udp(datagram, from: guest.address, to: Self.own), from: guest.mac, to: mac))
      }
      // What has come before it tells whether that did. (The address by which a clone is known is gone with the ruleset.)
      let marker = try await UDPSocket(in: site.host, port: 9001)
      let end = UDPDatagram(from: 40_000, to: 9001, payload: Array("end".utf8))
      try knock("hello")
      try guest.send(.ipv4(.udp(end, from: guest.address, to: Site.hostAddress), from: guest.mac, to: mac))
      if mode != .clone { #expect(await marker.received() != nil) }
      // It is the link's setting that keeps it: without, the next comes, and is the first.
      let setting = "net.ipv4.conf.\(Self.link(made, inner)).route_localnet"
      try await site.host.command("sysctl", "-q", "-w", "\(setting)=1")
      if mode != .clone {
        try knock("again")
        #expect(await listener.received { _ in true }?.text == "again")
      }
      try await site.manager.repair()
      #expect(try await !Self.leadsThere(Self.link(made, inner), site))
    }
  }

  @Test("leads to guests while a port is published there, and no longer", arguments: Network.Mode.allCases)
  func comesAndGoes(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let (site, manager) = (inner.site, inner.site.manager)
      let (first, second) = (try await inner.attach("web-1"), try await inner.attach("web-2"))
      let guest = try await site.bootStack(first)
      let listener = try await TCPListener(in: guest.namespace, port: 80)
      let link = Self.link(first, inner)
      #expect(try await !Self.leadsThere(link, site))
      // What is published at another address is not found there.
      try await manager.publish(vmID: "web-1", ports: try Self.ports("\(Site.hostAddress):8081:80"))
      #expect(try await !Self.leadsThere(link, site))
      try await manager.publish(vmID: "web-1", ports: try Self.ports("127.0.0.1:8080:80"))
      #expect(try await Self.leadsThere(link, site))
      let connection = try await TCPConnection(from: site.host, to: Endpoint(Self.own, 8080))
      #expect(try await connection.exchange("hello") == "hello")
      #expect(await listener.accepted() != nil)
      #expect(try await manager.check() == [])

      // Drift both ways.
      try await site.host.command("sysctl", "-q", "-w", "net.ipv4.conf.\(link).route_localnet=0")
      #expect(try await manager.check().contains { $0.description.contains("does not route 127.0.0.1") })
      try await manager.repair()
      #expect(try await Self.leadsThere(link, site))

      // The last takes it along.
      try await manager.publish(vmID: "web-2", ports: try Self.ports("8082:80"))
      try await manager.unpublish(vmID: "web-1", ports: try Self.ports("127.0.0.1:8080:80"))
      #expect(try await Self.leadsThere(link, site) == (mode == .bridge))
      try await manager.detach(vmID: "web-2")
      #expect(try await !Self.leadsThere(link, site))
      #expect(try await manager.check() == [])
      try await site.host.command("sysctl", "-q", "-w", "net.ipv4.conf.\(link).route_localnet=1")
      #expect(try await manager.check().contains { $0.description.contains("although no port is published") })
      try await manager.repair()
      #expect(try await !Self.leadsThere(link, site))
      withExtendedLifetime(second) {}
    }
  }

  @Test("is left by whoever ends without a detach, too")
  func garbage() async throws {
    try await InnerSite.use(.bridge) { inner in
      let (site, manager) = (inner.site, inner.site.manager)
      let process = try await site.host.start("sleep", "1000")
      try await manager.attach(
        AttachRequest(
          vmID: "web-1", network: "inner", pid: process.pid, settings: .init(published: try Self.ports("8080:80"))))
      #expect(try await Self.leadsThere(inner.network.bridge.rawValue, site))
      try await process.stop()
      try await manager.collectGarbage()
      #expect(try await !Self.leadsThere(inner.network.bridge.rawValue, site))
      #expect(try await manager.check() == [])
    }
  }
}
