import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A name server of a network with IPv6", .needsKernel)
struct Names6Tests {
  @Test("answers nobody by IPv6, outside or in another network, though dnsmasq binds what its bridge has of it")
  func closed() async throws {
    try await Site.use { site in
      let prefix = try IPv6Prefix(parsing: "fd00:5::/64")
      try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", subnet6: .prefix(prefix), hostAccess: try HostAccess.parse("all"), nameServer: NameServer()))
      let address = "fd00:5::1"
      for (namespace, link, own) in [(site.host, "uplink", "2001:db8::1"), (site.internet, "isp", "2001:db8::2")] {
        try await namespace.command("ip", "address", "add", "\(own)/64", "dev", link, "nodad")
      }
      try await site.internet.command("ip", "-6", "route", "add", "fd00:5::/64", "via", "2001:db8::1")
      let connects = { () async throws -> Bool in
        try await site.internet.command(
          arguments: ["timeout", "1", "bash", "-c", "exec 3<>/dev/tcp/\(address)/53"]
        ).status == 0
      }
      #expect(try await !connects())
      #expect(try await site.manager.check() == [])
      // It is the ruleset that closes it.
      try await site.host.command("nft", "flush", "set", "inet", "tapestry", "services6")
      #expect(try await eventually { try await connects() })
    }
  }
}
