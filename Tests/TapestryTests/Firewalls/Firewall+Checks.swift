import NetTypes
import Tapestry
import TestKit
import Testing

/// What holds beside every firewall.
extension Firewall {
  /// How long to wait for what will not come.
  static let soon: Duration = .milliseconds(200)

  func wasThereBefore() async throws {
    try await FirewalledSite.use(family) { walled in
      let site = walled.site
      _ = try await site.sh(start)
      let before = try await site.sh(contents)
      let guest = try await walled.guest("web-1")
      #expect(try await walled.ping(guest))
      #expect(try await walled.exchange(guest) == walled.seenAddress(of: guest))
      #expect(try await site.count(self, of: walled.network) == ruleCount)
      #expect(try await site.manager.check() == [])

      // Neither the fast way of an attach adds one, nor the thorough one.
      for _ in 0..<2 { _ = try await walled.attach("web-2") }
      #expect(try await site.manager.repair() == [])
      #expect(try await site.count(self, of: walled.network) == ruleCount)

      try await site.manager.cleanup()
      #expect(try await site.sh(contents) == before)
    }
  }

  func comesLater() async throws {
    try await FirewalledSite.use(family) { walled in
      let site = walled.site
      let guest = try await walled.guest("web-1")
      for step in [start, reload] {
        #expect(try await walled.exchange(guest) != nil)
        _ = try await site.sh(step)
        // Not by ping, which ufw lets through.
        #expect(try await walled.exchange(guest, within: Self.soon) == nil)
        let drift = try await site.manager.check()
        #expect(drift.count == driftCount, "\(drift)")
        #expect(drift.allSatisfy { $0.description.contains("packets of network \(walled.network)") }, "\(drift)")
        #expect(drift.contains { $0.step?.contains(place) == true }, "\(drift)")
        #expect(try await site.manager.previewRepair() == drift)
        #expect(try await site.manager.diagnose().first { $0.subject == "firewall" }?.advice == "tapestry repair")
        #expect(try await site.manager.repair() == drift)
        #expect(try await site.manager.repair() == [])
        #expect(try await site.manager.check() == [])
      }
      #expect(try await walled.exchange(guest) != nil)
      #expect(try await site.manager.diagnose().filter { $0.verdict == .problem } == [])
    }
  }
}

/// A site with a network whose guests have the family that is looked at, which comes with the first of them; and somebody
/// outside who answers.
struct FirewalledSite {
  let site: Site
  let family: IPFamily
  private let mode: Network.Mode
  private let echo: UDPSocket

  var network: Identifier { Self.network(family) }
  /// What its guests send from.
  var prefix: String { Self.prefix(family) }

  static func network(_ family: IPFamily) -> Identifier { family == .v4 ? "default" : "inner" }
  static func prefix(_ family: IPFamily) -> String { family == .v4 ? "\(Site.subnet)" : "\(Site.prefix6)" }

  /// - Parameter mode: that of the network with IPv6.
  static func use(
    _ family: IPFamily, _ mode: Network.Mode = .bridge, _ body: (FirewalledSite) async throws -> Void
  ) async throws {
    try await Site.use { site in
      if family == .v6 { try await site.meetServer6() }
      let echo = try await UDPSocket(in: site.internet, at: Endpoint(Site.serverIP(family), 0), echoes: true)
      try await body(FirewalledSite(site: site, family: family, mode: mode, echo: echo))
    }
  }

  func createNetwork() async throws {
    guard family == .v6, try await !site.manager.networks().contains(where: { $0.name == network }) else {
      return
    }
    try await site.manager.createNetwork(
      NetworkRequest(name: network, mode: mode, subnet6: .site))
  }

  func attach(_ vm: Identifier) async throws -> Tapestry.Attachment {
    try await createNetwork()
    return try await site.manager.attach(AttachRequest(vmID: vm, network: network))
  }

  func guest(_ vm: Identifier) async throws -> StandInGuest { try await site.boot(try await attach(vm)) }

  /// Somebody more who answers outside.
  func addServer(_ address: IPAddress) async throws {
    let length = family == .v4 ? 24 : 64
    try await site.internet.command("ip", "address", "add", "\(address)/\(length)", "dev", "isp", "nodad")
  }

  func ping(
    _ guest: StandInGuest, _ address: IPAddress? = nil, within limit: Duration = .patience
  ) async throws -> Bool {
    try await guest.ping(address ?? Site.serverIP(family), within: limit)
  }

  /// Has a guest exchange a datagram with the internet.
  /// - Returns: The address that the internet saw; nil where no answer came.
  func exchange(_ guest: StandInGuest, within limit: Duration = .patience) async throws -> IPAddress? {
    let (text, server) = (Array("hello".utf8), Site.serverIP(family))
    let answer = try await guest.exchangeUDP(text, with: server, port: echo.local.port, within: limit)
    return answer == text ? await echo.received()?.source.ip : nil
  }

  /// What the internet sees: the site's prefix of IPv6 is not translated.
  func seenAddress(of guest: StandInGuest) -> IPAddress? {
    family == .v4 ? Site.hostIP(.v4) : guest.ownAddress(.v6)
  }
}
