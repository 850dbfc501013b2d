import NetTypes
import Tapestry
import TestKit
import Testing

/// A VMM that was taken over gives its TAP other MACs, which its descriptor lets it do without any privilege.
@Suite("A TAP that takes another's MAC", .needsKernel)
struct DisplacedTests {
  private static let user: UInt32 = 4242

  /// A victim with IPv4 and IPv6, and an attacker's TAP on the same bridge.
  private struct Stage {
    let inner: InnerSite
    let tap: String
    let watch: PacketSocket

    var site: Site { inner.site }

    static func use(allowsInterVM: Bool = false, _ body: (Stage) async throws -> Void) async throws {
      try await InnerSite.use(.bridge, subnet6: .site, allowsInterVM: allowsInterVM) { inner in
        let made = try await inner.manager.attach(
          AttachRequest(vmID: "attacker", network: "inner", settings: .init(owner: TapOwner(uid: user))))
        let tap = made.tapName.rawValue
        try await body(
          Stage(inner: inner, tap: tap, watch: try await PacketSocket(in: inner.site.host, interface: tap)))
      }
    }

    /// By way of another, so that it is a change.
    func take(_ mac: MACAddress) async throws -> TapHolder {
      let digits = mac.description.replacing(":", with: "")
      return try await TapHolder(in: site.host, tap: tap, uid: user, [.mac("02aa00000001"), .mac(digits)])
    }

    /// Whether the host's packets come to a guest, of IPv4 and of IPv6.
    func reaches(_ guest: StandInGuest) async throws -> Bool {
      for arguments in try pings(guest) {
        // A ping a second, until one is answered.
        let isReached = try await eventually { try await site.host.command(arguments: arguments).status == 0 }
        guard isReached else { return false }
      }
      return true
    }

    func isCutOff(_ guest: StandInGuest) async throws -> Bool {
      for arguments in try pings(guest) {
        guard try await site.host.command(arguments: arguments).status != 0 else { return false }
      }
      return true
    }

    private func pings(_ guest: StandInGuest) throws -> [[String]] {
      let address6 = try #require(guest.ipv6?.address)
      return [("ping", "\(guest.address)"), ("ping6", "\(address6)")].map { program, address in
        ["busybox", program, "-c", "1", "-W", "1", address]
      }
    }

    /// Whether anything for the guest alone went out by the attacker's TAP.
    func overheard(_ guest: StandInGuest) -> Bool {
      watch.captures.takeAll().contains { $0.isOutgoing && $0.frame.destination == guest.mac }
    }
  }

  @Test("cuts no neighbour off that it may not reach, and hears nothing of it, however it goes on")
  func neighbors() async throws {
    try await Stage.use { stage in
      let victim = try await stage.inner.guest("victim")
      #expect(try await stage.reaches(victim))
      let holder = try await stage.take(victim.mac)
      #expect(try await stage.reaches(victim))
      #expect(try await victim.ping(Site.server))
      let drift = try await stage.inner.manager.check()
      #expect(drift.count == 1 && drift[0].description.contains("has a MAC other than"), "\(drift)")

      try await holder.stop()
      let other = try await stage.take(MACAddress(0x02, 0xaa, 0, 0, 0, 1))
      #expect(try await stage.reaches(victim))
      try await other.stop()
      let last = try await stage.take(victim.mac)
      #expect(try await stage.reaches(victim))
      #expect(!stage.overheard(victim))
      try await stage.site.host.command("ip", "link", "del", stage.tap)
      #expect(try await stage.reaches(victim))
      try await stage.inner.manager.repair()
      #expect(try await stage.inner.manager.check() == [])
      #expect(try await stage.reaches(victim))
      withExtendedLifetime(last) {}
    }
  }

  @Test("keeps none from coming that is attached after it, nor from coming back")
  func first() async throws {
    try await Stage.use { stage in
      let mac = MACAddress(0x02, 0x77, 0, 0, 0, 1)
      var holder = try await stage.take(mac)
      for _ in 1...2 {
        let made = try await stage.inner.manager.attach(AttachRequest(vmID: "victim", network: "inner", mac: mac))
        let victim = try await stage.site.boot(made)
        #expect(try await stage.reaches(victim))
        try await holder.stop()
        holder = try await stage.take(mac)
        #expect(try await stage.reaches(victim))
        #expect(!stage.overheard(victim))
        await victim.stop()
        try await stage.inner.manager.detach(vmID: "victim")
      }
      withExtendedLifetime(holder) {}
    }
  }

  @Test(
    "has what it sends to that MAC come to nobody, though it is the host's to take", arguments: BridgeNetfilter.allCases
  )
  func toItself(bridgeNetfilter: BridgeNetfilter) async throws {
    try await InnerSite.use(.bridge, subnet6: .site) { inner in
      try await inner.site.setBridgeNetfilter(bridgeNetfilter)
      let (liar, victim) = (try await inner.guest("liar"), try await inner.guest("victim"))
      try await inner.site.host.command("ip", "link", "set", "dev", liar.tapName, "address", "\(victim.mac)")
      let forger = try await Forger(liar, neighbor: victim)
      let watch = try await PacketSocket(in: inner.site.host, interface: victim.tapName)
      let frames = [
        forger.udp("IPv4", to: victim.address, at: victim.mac),
        forger.udp6("IPv6", from: forger.own.global, to: forger.neighbor.global, at: victim.mac),
        forger.arp("ARP", .reply, sender: forger.own, asking: forger.neighbor, at: victim.mac),
      ]
      for frame in frames { try liar.send(frame.frame) }
      #expect(try await liar.ping(Site.server))
      #expect(try await victim.ping(Site.server))
      let marks = Set(frames.map(\.mark))
      #expect(!watch.captures.takeAll().contains { Mark(in: $0.frame.payload).map(marks.contains) ?? false })
    }
  }

  @Test("takes the gateway's from nobody")
  func gateway() async throws {
    try await Stage.use { stage in
      let guest = try await stage.inner.guest("victim")
      let holder = try await stage.take(try await guest.gatewayMAC())
      #expect(try await stage.reaches(guest))
      #expect(try await guest.ping(Site.server))
      #expect(try await guest.ping(Site.server6))
      let bridge = try await stage.site.rig.link(stage.inner.network.bridge.rawValue)
      #expect(bridge["address"] == .string("\(try await guest.gatewayMAC())"))
      withExtendedLifetime(holder) {}
    }
  }

  @Test("may cut a neighbour off that it may reach, until repair, but hears nothing of it")
  func sharing() async throws {
    try await Stage.use(allowsInterVM: true) { stage in
      let victim = try await stage.inner.guest("victim")
      let third = try await stage.inner.guest("third")
      #expect(try await stage.reaches(victim))
      let holder = try await stage.take(victim.mac)
      #expect(try await stage.isCutOff(victim))
      #expect(try await !third.ping(victim.address, within: .milliseconds(300)))
      #expect(!stage.overheard(victim))
      #expect(try await stage.reaches(third))
      try await stage.inner.manager.repair()
      #expect(try await stage.reaches(victim))
      #expect(try await third.ping(victim.address))
      #expect(try await stage.inner.manager.check() == [])
      withExtendedLifetime(holder) {}
    }
  }

  @Test("finds no entry of earlier versions after repair")
  func old() async throws {
    try await Stage.use { stage in
      let victim = try await stage.inner.guest("victim")
      try await stage.site.host.command(
        "bridge", "fdb", "replace", "\(victim.mac)", "dev", victim.tapName, "master", "static")
      #expect(
        try await stage.inner.manager.check().map(\.description).contains { $0.contains("lacks the forwarding entry") })
      try await stage.inner.manager.repair()
      #expect(try await stage.inner.manager.check() == [])
      let holder = try await stage.take(victim.mac)
      #expect(try await stage.reaches(victim))
      withExtendedLifetime(holder) {}
    }
  }
}
