import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Flows that began while our tables were gone", .needsKernel)
struct UntranslatedTests {
  /// What somebody does who reloads a ruleset of his own: connections are tracked all the time.
  private static let reload = """
    nft flush ruleset
    nft 'table inet theirs { chain forward { type filter hook forward priority 0; ct state new counter; }; }'
    nft 'table ip nat { chain pre { type nat hook prerouting priority -100; }; }'
    """

  @Test(
    "are named by check and ended by repair: what a guest sends leaves under the host's address again",
    arguments: [Network.Mode.bridge, .routed], IPFamily.allCases)
  func masqueraded(mode: Network.Mode, family: IPFamily) async throws {
    try await Site.use { site in
      try await site.meetServer6()
      try await site.manager.createNetwork(
        NetworkRequest(name: "inner", mode: mode, subnet6: .site, nat6: true))
      let made = try await site.manager.attach(AttachRequest(vmID: "web-1", network: "inner"))
      let guest = try await site.bootStack(made)
      let echo = try await UDPSocket(in: site.internet, at: Endpoint(Site.serverIP(family), 0), echoes: true)
      let own = Endpoint(try #require(made.guestAddress(family)), 5000)
      let client = try await UDPSocket(in: guest.namespace, at: own)
      let (inside, outside) = (own.ip, Site.hostIP(family))
      func seen(_ text: String) async throws -> IPAddress? {
        try client.send(text, to: echo.local)
        return await echo.received { $0.payload == Array(text.utf8) }?.source.ip
      }
      _ = try await site.sh(Self.reload)
      #expect(try await seen("while they were gone") == inside)

      let isNamed = { (drift: [Drift]) in drift.count { $0.description.contains("lacks its NAT") } == 1 }
      let drift = try await site.manager.check()
      #expect(isNamed(drift) && drift.contains { $0.description.contains("\(inside)") }, "\(drift)")
      #expect(isNamed(try await site.manager.previewRepair()))
      #expect(isNamed(try await site.manager.repair()))
      #expect(try await seen("since") == outside)
      #expect(try await site.manager.check() == [])
      #expect(try await seen("later") == outside)
    }
  }

  @Test("to a published port come to its guest again", arguments: [Network.Mode.bridge, .routed, .clone])
  func published(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let site = inner.site
      let port = PublishedPort(hostPort: 8080, guestPort: 80, transport: .udp)
      let made = try await site.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(published: [port])))
      let guest = try await site.bootStack(made)
      let service = try await UDPSocket(in: guest.namespace, port: 80)
      let client = try await UDPSocket(in: site.internet, address: Site.server, port: 5000)
      let target = Endpoint(Site.hostAddress, 8080)
      _ = try await site.sh(Self.reload)
      try client.send("while they were gone", to: target)
      #expect(
        try await eventually {
          try await site.manager.check().contains { $0.description.contains("lacks its NAT") }
        })
      _ = try await site.manager.repair()
      // An error that came back meanwhile is told with the next that is sent.
      try? client.send("an error", to: target)
      try client.send("since", to: target)
      #expect(await service.received { $0.payload == Array("since".utf8) }?.source.ip == .v4(Site.server))
      #expect(try await site.manager.check() == [])
    }
  }
}
