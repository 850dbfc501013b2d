import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Traffic, after foreign hands and repair", .needsKernel)
struct RepairedTrafficTests {
  /// Two guests, of whom one is well: its TAP is never made again, nor set down but with its bridge.
  private struct Ward {
    let site: Site
    let healthy: StandInGuest
    var other: StandInGuest

    init(_ site: Site) async throws {
      self.site = site
      let made = try await site.manager.attach(AttachRequest(vmID: "b"))
      async let first = site.guest("a")
      async let second = site.boot(made)
      (other, healthy) = try await (first, second)
      try await expectTraffic("at first")
    }

    /// The number of the healthy guest's TAP, and how often it has gained or lost its carrier.
    func identity() async throws -> [String] {
      let link = try await site.rig.link(healthy.tapName)
      let changes = try await site.host.command("cat", "/sys/class/net/\(healthy.tapName)/carrier_changes")
      return ["\(link["ifindex"])", changes]
    }

    /// The VMM whose TAP was deleted starts anew.
    mutating func rebootIfCutOff() async throws {
      guard !other.isAttached else { return }
      other = try await site.boot(try #require(try await site.manager.attachments(vmID: "a").first))
    }

    func expectTraffic(_ what: String) async throws {
      for guest in [healthy, other] {
        #expect(try await guest.ping(Site.gateway), "\(guest.tapName), \(what)")
        #expect(try await site.exchange(with: guest) == .v4(Site.hostAddress), "\(guest.tapName), \(what)")
      }
    }
  }

  @Test("flows again, to the host and through NAT, whatever they did; and a healthy guest's TAP is not touched")
  func hands() async throws {
    try await Site.use { site in
      var ward = try await Ward(site)
      let bridge = try await site.manager.network(named: "default").bridge
      for hand in ForeignHand.all(Way(family: .v4, mode: .bridge)) {
        let hand = hand.naming(bridge, .v4(ward.other.address))
        let identity = try await ward.identity()
        for command in hand.commands { _ = try await site.host.command(arguments: command).checked() }
        let drift = try await site.manager.check()
        #expect(drift.contains { $0.description.contains(hand.words) }, "\(hand.testDescription): \(drift)")
        try await site.manager.repair()
        #expect(try await site.manager.check() == [], "\(hand.testDescription)")
        try await ward.rebootIfCutOff()
        try await ward.expectTraffic(hand.testDescription)
        #expect(ward.healthy.isAttached)
        // What is done to the bridge is done to all its ports.
        let isOfBridge = hand.commands[0].contains("\(bridge)")
        let now = try await ward.identity()
        #expect(isOfBridge ? now[0] == identity[0] : now == identity, "\(hand.testDescription)")
      }
    }
  }

  @Test("flows on while the state file is lost, and after it is rebuilt; and all that was attached goes with a detach")
  func lostState() async throws {
    try await Site.use { site in
      let ward = try await Ward(site)
      let attachments = try await site.manager.attachments()
      let identity = try await ward.identity()
      site.rig.removeState()
      try await ward.expectTraffic("without a state file")
      let other = try site.rig.another()
      try await expectCode(.stateMismatch) { try await other.repair() }
      try await expectCode(.stateMismatch) { try await other.collectGarbage() }
      try await ward.expectTraffic("after a repair that was refused")
      try await other.repair(adopt: true)
      #expect(try await other.check() == [])
      #expect(try await other.attachments() == attachments)
      try await ward.expectTraffic("after the repair")
      #expect(try await ward.identity() == identity)
      #expect(ward.healthy.isAttached && ward.other.isAttached)
      #expect(try await other.detachAll().count == 2)
      #expect(try await other.check() == [])
    }
  }
}
