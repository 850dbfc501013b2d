import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("An address that is handed out again", .needsKernel)
struct ReuseTests {
  @Test(
    "is its new holder's at once: no answer to the old one's open flow reaches it",
    arguments: Way.all.map { ($0, true) } + Way.plain.filter { $0.family == .v4 }.map { ($0, false) })
  func openFlow(way: Way, nat: Bool) async throws {
    try await InnerSite.use(way, nat: nat) { inner in
      let site = inner.site
      let before = try await inner.attach("old")
      let old = try await site.boot(before)
      let (server, address) = (Site.serverIP(way.family), try before.outerAddress(way.family))
      let service = try await UDPSocket(in: site.internet, at: Endpoint(server, 0))
      try await old.sendUDP(Array("hello".utf8), to: server, port: service.local.port, from: 40_000)
      let flow = try #require(await service.received()).source
      #expect(flow.ip == (nat ? Site.hostIP(way.family) : address))
      // The flow is open: an answer comes in.
      try service.send("answer", to: flow)
      #expect(await old.receiveUDP(port: 40_000)?.payload == Array("answer".utf8))
      #expect(try await remembered(site, address) != [])

      try await site.manager.detach(vmID: "old")
      #expect(try await remembered(site, address) == [])

      // An address of IPv6 is its MAC's.
      let mac = way.family == .v6 ? before.mac : nil
      let after = try await site.manager.attach(
        AttachRequest(vmID: "new", network: "inner", ip: before.address, mac: mac))
      #expect(try after.outerAddress(way.family) == address)
      #expect(after.mac != before.mac || mac != nil || way.mode == .clone)
      let new = try await site.boot(after)
      try service.send("late", to: flow)
      // What was sent before it by the same way has come, or will not.
      #expect(try await site.exchange(with: new, way.family) == (nat ? Site.hostIP(way.family) : address))
      #expect(await new.received(within: .zero) { $0.udp?.payload == Array("late".utf8) } == nil)
      #expect(try await new.ping(try inner.gateway(way.family)))

      // Its own flow from the same port to the same service is another one, and works.
      try await new.sendUDP(Array("mine".utf8), to: server, port: service.local.port, from: 40_000)
      let own = try #require(await service.received { $0.text == "mine" }).source
      try service.send("yours", to: own)
      #expect(await new.receiveUDP(port: 40_000)?.payload == Array("yours".utf8))
    }
  }

  /// What the kernel knows of an address: connections, neighbours and routes.
  private func remembered(_ site: Site, _ address: IPAddress) async throws -> [Substring] {
    let script = """
      conntrack -L 2>/dev/null; conntrack -L -f ipv6 2>/dev/null; ip neigh
      ip route show table all; ip -6 route show table all
      """
    let lines = try await site.host.command("sh", "-c", script).split(separator: "\n")
    return lines.filter { $0.split(whereSeparator: { " =".contains($0) }).contains("\(address)") }
  }
}

extension Tapestry.Attachment {
  /// What the host knows its guest by.
  fileprivate func outerAddress(_ family: IPFamily) throws -> IPAddress {
    try #require(family == .v4 ? .v4(address) : guestAddress(.v6))
  }
}
