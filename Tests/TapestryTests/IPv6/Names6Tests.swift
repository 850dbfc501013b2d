import Linux
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
          name: "inner", subnet6: .prefix(prefix),
          settings: NetworkSettings(hostAccess: try HostAccess(parsing: "all"), nameServer: NameServer()))
      )
      for (namespace, link, own) in [(site.host, "uplink", "2001:db8::1"), (site.internet, "isp", "2001:db8::2")] {
        try await namespace.command("ip", "address", "add", "\(own)/64", "dev", link, "nodad")
      }
      try await site.internet.command("ip", "-6", "route", "add", "fd00:5::/64", "via", "2001:db8::1")
      let target = Endpoint(try IPv6Address(parsing: "fd00:5::1"), 53)
      await #expect(throws: KernelError.self) {
        _ = try await TCPConnection(from: site.internet, to: target, within: .seconds(1))
      }
      #expect(try await site.manager.check() == [])
      // It is the ruleset that closes it.
      try await site.host.command("nft", "flush", "set", "inet", "tapestry", "services6")
      _ = try await TCPConnection(from: site.internet, to: target)
    }
  }
}
