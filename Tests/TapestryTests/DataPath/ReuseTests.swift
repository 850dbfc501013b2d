import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("An address that is handed out again", .needsKernel)
struct ReuseTests {
  @Test(
    "is its new holder's at once: no answer to the old one's open flow reaches it",
    arguments: [(Network.Mode.bridge, true), (.bridge, false), (.routed, true), (.routed, false), (.clone, true)])
  func openFlow(mode: Network.Mode, nat: Bool) async throws {
    try await RoutedSite.use(mode, nat: nat) { inner in
      let site = inner.site
      let before = try await inner.attach("old")
      let old = try await site.boot(before)
      let service = try await UDPSocket(in: site.internet)
      try await old.sendUDP(Array("hello".utf8), to: Site.server, port: service.local.port, from: 40_000)
      let flow = try #require(await service.received()).source
      #expect(flow.address == (nat ? Site.hostAddress : before.address))
      // The flow is open: an answer comes in.
      try service.send("answer", to: flow)
      #expect(await old.receiveUDP(port: 40_000)?.payload == Array("answer".utf8))
      #expect(try await remembered(site, before.address) != [])

      try await site.manager.detach(vmID: "old")
      #expect(try await remembered(site, before.address) == [])

      let after = try await site.manager.attach(AttachRequest(vmID: "new", network: "inner", ip: before.address))
      #expect(after.address == before.address && (after.mac != before.mac || mode == .clone))
      let new = try await site.boot(after)
      try service.send("late", to: flow)
      // What was sent before it by the same way has come, or will not.
      #expect(try await site.exchange(with: new) == (nat ? Site.hostAddress : after.address))
      #expect(await new.received(within: .zero) { $0.ipv4?.udp?.payload == Array("late".utf8) } == nil)
      #expect(try await new.ping(try #require(new.gateway)))

      // Its own flow from the same port to the same service is another one, and works.
      try await new.sendUDP(Array("mine".utf8), to: Site.server, port: service.local.port, from: 40_000)
      let own = try #require(await service.received { $0.text == "mine" }).source
      try service.send("yours", to: own)
      #expect(await new.receiveUDP(port: 40_000)?.payload == Array("yours".utf8))
    }
  }

  /// What the kernel knows of an address: connections and neighbours.
  private func remembered(_ site: Site, _ address: IPv4Address) async throws -> [Substring] {
    let lines = try await site.host.command("sh", "-c", "conntrack -L 2>/dev/null; ip neigh").split(separator: "\n")
    return lines.filter { $0.split(whereSeparator: { " =".contains($0) }).contains("\(address)") }
  }
}
