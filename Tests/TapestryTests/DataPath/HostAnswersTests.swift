import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("What the host tells a guest", .needsKernel)
struct HostAnswersTests {
  @Test("by ARP is where its gateway is, and of no other address of the host", arguments: Network.Mode.allCases)
  func arp(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      try await site.host.command("ip", "address", "add", "172.30.250.1/32", "dev", "lo")
      let made = try await inner.attach("web-1")
      let guest = try await site.boot(made)
      let limit = Duration.milliseconds(250)
      for address in [
        IPv4Address(127, 0, 0, 1), Site.hostAddress, IPv4Address(172, 30, 250, 1), Site.server, Site.metadata,
      ] {
        #expect(try await guest.resolve(address, within: limit) == nil, "\(address)")
      }
      #expect(try await guest.resolve(made.gatewayIP) != nil)
      #expect(try await site.manager.check() == [])
    }
  }

  @Test("by ARP on a bridge is kept so by repair")
  func drift() async throws {
    try await InnerSite.use(.bridge) { inner in
      let setting = "net.ipv4.conf.\(inner.network.bridge).arp_ignore"
      try await inner.site.host.command("sysctl", "-q", "-w", "\(setting)=0")
      #expect(try await inner.site.manager.check().contains { $0.description.contains("answers ARP for addresses") })
      try await inner.site.manager.repair()
      #expect(try await inner.site.host.command("sysctl", "-n", setting) == "1\n")
    }
  }

  @Test("is nothing of a neighbour: no redirect leads past it")
  func redirects() async throws {
    try await InnerSite.use(.bridge, subnet6: .site) { inner in
      let (asker, neighbor) = (try await inner.guest("asker"), try await inner.guest("neighbour"))
      let forger = try await Forger(asker, neighbor: neighbor)
      let address6 = try #require(neighbor.ipv6?.address)
      let probes = [
        forger.udp("IPv4", to: neighbor.address, at: forger.gateway.mac),
        forger.udp6("IPv6", from: forger.own.global, to: address6),
      ]
      let isRedirect: @Sendable (EthernetFrame) -> Bool = {
        $0.ipv4?.icmp?.type == ICMPMessage.redirect || $0.ipv6?.icmpv6?.type == 137
      }
      for probe in probes { try asker.send(probe.frame) }
      #expect(try await asker.ping(Site.server))
      #expect(!asker.arrivals.takeAll().contains(where: isRedirect))
      // Without the rules there is one for each. (IPv4's is dropped by the kernel too, where it translates addresses.)
      // For IPv6 the guard sees to it before: the kernel would look for the neighbour first.
      for chain in ["redirects", "within_prefix6"] {
        try await inner.site.host.command("nft", "flush", "chain", "inet", "tapestry", chain)
      }
      #expect(try await asker.sendRepeatedly(probes[1].frame) { isRedirect($0) && $0.ipv6 != nil } != nil)
      try await inner.site.host.command("nft", "delete", "table", "inet", "tapestry")
      #expect(try await asker.sendRepeatedly(probes[0].frame) { isRedirect($0) && $0.ipv4 != nil } != nil)
    }
  }
}
