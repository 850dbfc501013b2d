import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A change of settings", .needsKernel)
struct UpdateTests {
  private static let ping = Traffic(to: IPPrefix(host: Site.server), protocols: 1...1)
  private static let targets = ["203.0.113.7", "203.0.113.8", "10.0.0.5", "192.168.5.5"]

  /// The targets that the guest's datagrams get out to.
  private static func reached(_ inner: InnerSite, from guest: StandInGuest) async throws -> Set<String> {
    let forger = try await Forger(guest)
    let forgeries = try targets.map { forger.udp($0, to: try IPv4Address(parsing: $0)) }
    return try await inner.escaped(forgeries, from: guest)
  }

  @Test("opens nothing that it does not name", arguments: Network.Mode.allCases)
  func named(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let manager = inner.site.manager
      let guest = try await inner.site.boot(try await inner.attach("web-1"))
      try await manager.update(network: "inner") { $0.egress.reach = .internet }
      #expect(try await Self.reached(inner, from: guest) == ["203.0.113.7", "203.0.113.8"])
      // A denial leaves the network's reach alone.
      let (denied, allowed) = (try [Traffic](parsing: "203.0.113.7"), try [Traffic](parsing: "10.0.0.5"))
      try await manager.update(network: "inner") { $0.egress.deny += denied }
      #expect(try await Self.reached(inner, from: guest) == ["203.0.113.8"])
      try await manager.update(network: "inner") { $0.hostAccess = .nothing }
      #expect(try await Self.reached(inner, from: guest) == ["203.0.113.8"])

      // And what a guest is allowed, its own.
      try await manager.update(vmID: "web-1") { settings in
        settings.egress.reach = .nothing
        settings.egress.allow = [Self.ping]
      }
      #expect(try await Self.reached(inner, from: guest) == [])
      try await manager.update(vmID: "web-1") { $0.egress.allow += allowed }
      #expect(try await Self.reached(inner, from: guest) == ["10.0.0.5"])
      try await manager.update(vmID: "web-1") { $0.rateLimit.transmit = 1_000_000_000 }
      let changed = try await manager.update(vmID: "web-1") { $0.rateLimit.receive = 1_000_000_000 }
      #expect(changed.map(\.settings.rateLimit) == [RateLimit(transmit: 1_000_000_000, receive: 1_000_000_000)])
      #expect(try await Self.reached(inner, from: guest) == ["10.0.0.5"])
      #expect(try await manager.check() == [])
    }
  }

  @Test("that is refused leaves everything as it was, of all interfaces")
  func refused() async throws {
    try await InnerSite.use(.bridge) { inner in
      let manager = inner.site.manager
      let guest = try await inner.site.boot(try await inner.attach("web-1"))
      try await manager.attach(AttachRequest(vmID: "web-1", interfaceID: "eth1", network: "inner"))
      let error = await #expect(throws: TapestryError.self) {
        try await manager.update(vmID: "web-1") { settings in
          settings.egress.reach = .nothing
          settings.rateLimit.transmit = 1
        }
      }
      #expect(error?.code == .invalidRate)
      let stopped = await #expect(throws: TapestryError.self) {
        try await manager.update(vmID: "web-1") { settings throws(TapestryError) in
          guard settings.egress.isEmpty else { return }
          settings.egress.reach = .nothing
          throw TapestryError(.invalidPolicy, "changed my mind")
        }
      }
      #expect(stopped?.message == "changed my mind")
      let inherited = await #expect(throws: TapestryError.self) {
        try await manager.update(network: "inner") { $0.egress.reach = .internet }
        try await manager.update(network: "inner") { $0.egress.reach = .inherited }
      }
      #expect(inherited?.code == .invalidPolicy)
      let fixed = await #expect(throws: TapestryError.self) {
        try await manager.update(network: "inner") { settings in
          settings.egress.reach = .nothing
          settings.nat.toggle()
        }
      }
      #expect(fixed?.code == .invalidPolicy)
      #expect(try await manager.attachments(vmID: "web-1").map(\.settings.egress) == [EgressPolicy(), EgressPolicy()])
      #expect(try await Self.reached(inner, from: guest) == ["203.0.113.7", "203.0.113.8"])
      #expect(try await manager.check() == [])
    }
  }

  @Test("is foretold with the connections that it would end, and nothing is done", arguments: Network.Mode.allCases)
  func preview(mode: Network.Mode) async throws {
    try await InnerSite.use(mode) { inner in
      let (site, manager) = (inner.site, inner.site.manager)
      let made = try await inner.attach("web-1")
      let guest = try await site.bootStack(made)
      let listener = try await TCPListener(in: site.internet, port: 80)
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 80))
      #expect(await listener.accepted() != nil)
      func maps() async throws -> [String] {
        try await [
          site.host.command("nft", "list", "map", "inet", "tapestry", "guest_reach"),
          site.host.command("nft", "list", "map", "inet", "tapestry", "network_reach"),
        ]
      }
      let before = try await maps()

      let harmless = try await manager.previewUpdate(vmID: "web-1") { $0.egress.reach = .internet }
      #expect(harmless.ending == [] && harmless.changed.map(\.settings.egress.reach) == [.internet])
      let flow = "\(made.address) to \(Site.server):80/tcp"
      #expect(try await manager.previewUpdate(vmID: "web-1") { $0.egress.reach = .nothing }.ending == [flow])
      let network = try await manager.previewUpdate(network: "inner") { $0.egress.reach = .nothing }
      #expect(network.ending == [flow] && network.changed.settings.egress.reach == .nothing)

      #expect(try await manager.network(named: "inner") == inner.network)
      #expect(try await manager.attachments() == [made])
      #expect(try await maps() == before)
      #expect(try await connection.exchange("one") == "one")
      // And so it comes.
      try await manager.update(vmID: "web-1") { $0.egress.reach = .nothing }
      #expect(try await connection.exchange("two", within: .milliseconds(400)) == "")
    }
  }
}
