import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Who opens a TAP, and what is left by it", .needsKernel)
struct TapHolderTests {
  private static let stranger: UInt32 = 65_534
  private static let user: UInt32 = 4242

  private static func expectRefused(_ tap: String, _ rig: Rig, uid: UInt32) async throws {
    let refused = await #expect(throws: TapHolder.Refused.self) {
      _ = try await TapHolder(in: rig.namespace, tap: tap, uid: uid)
    }
    #expect(refused?.message.contains("TUNSETIFF: Operation not permitted") == true, "\(refused?.message ?? "")")
  }

  private static func network(_ mode: Network.Mode, _ rig: Rig) async throws {
    try await rig.manager.createNetwork(
      NetworkRequest(name: "inner", mode: mode, snapshot: mode.snapshot))
  }

  @Test("a TAP is its owner's alone, and without one root's", arguments: Network.Mode.allCases)
  func owner(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      try await Self.network(mode, rig)
      let roots = try await rig.manager.attach(AttachRequest(vmID: "a", network: "inner")).tapName.rawValue
      let users = try await rig.manager.attach(
        AttachRequest(vmID: "b", network: "inner", settings: .init(owner: TapOwner(uid: Self.user)))
      ).tapName.rawValue
      try await Self.expectRefused(roots, rig, uid: Self.stranger)
      try await Self.expectRefused(users, rig, uid: Self.stranger)
      try await TapHolder(in: rig.namespace, tap: roots, uid: 0).stop()
      try await TapHolder(in: rig.namespace, tap: users, uid: Self.user).stop()
      let data = try await rig.link(roots)["linkinfo"]["info_data"]
      #expect(data["user"] == "root" && data["group"] == "root")
      #expect(try await rig.link(users)["linkinfo"]["info_data"]["group"].isNull)
      #expect(try await rig.manager.check() == [])
      // Nobody was named, then and now.
      #expect(try await rig.manager.attach(AttachRequest(vmID: "a", network: "inner")).tapName.rawValue == roots)
    }
  }

  @Test("a TAP that is everybody's is named by check, and mended by repair once nobody holds it")
  func everybodys() async throws {
    try await Rig.use { rig in
      let tap = try await rig.manager.attach(AttachRequest(vmID: "a")).tapName.rawValue
      let (host, manager) = (rig.namespace, rig.manager)
      try await host.command("ip", "link", "del", tap)
      try await host.command("ip", "tuntap", "add", "dev", tap, "mode", "tap")
      try await host.command("ip", "link", "set", "dev", tap, "alias", "tapestry:default/a/eth0")
      #expect(try await manager.check().contains { $0.description.contains("can be opened by every user") })
      let holder = try await TapHolder(in: host, tap: tap, uid: Self.stranger)
      try await manager.repair()
      let left = try await manager.check()
      #expect(
        left.count == 1 && left[0].step == nil && left[0].description.contains("can be opened by every user"), "\(left)"
      )
      try await manager.attach(AttachRequest(vmID: "a"))
      try await holder.stop()
      try await Self.onceIdle(rig, tap)
      try await manager.repair()
      #expect(try await manager.check() == [])
      try await Self.expectRefused(tap, rig, uid: Self.stranger)
    }
  }

  @Test("a lost state file takes a TAP of nobody's over as that")
  func adopted() async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      let users = try await rig.manager.attach(
        AttachRequest(vmID: "b", settings: .init(owner: TapOwner(uid: Self.user, gid: 7))))
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.check() == [])
      try await other.attach(AttachRequest(vmID: "a"))
      try await other.attach(AttachRequest(vmID: "b", settings: .init(owner: TapOwner(uid: Self.user, gid: 7))))
      await #expect(throws: TapestryError.self) {
        try await other.attach(AttachRequest(vmID: "a", settings: .init(owner: TapOwner(uid: Self.user))))
      }
      #expect(users.vmID == "b")
    }
  }

  @Test(
    "what the last holder left is as it was made when the VM is attached again",
    arguments: [Network.Mode.bridge, .routed],
    [
      [.mac("02aabbccddee")], [.owner(stranger)], [.group(7)], [.deafen], [.filter], [.headerSize(12)],
      [.offloads(0xf), .room(1)], [.persist(false), .persist(true)],
      [.offloads(0xf), .deafen, .filter, .headerSize(20), .room(1), .mac("02aabbccddee"), .owner(stranger)],
    ] as [[TapHolder.Deed]])
  func leftovers(mode: Network.Mode, deeds: [TapHolder.Deed]) async throws {
    try await Site.use { site in
      try await Self.network(mode, site.rig)
      let request = AttachRequest(vmID: "a", network: "inner", settings: .init(owner: TapOwner(uid: Self.user)))
      let made = try await site.manager.attach(request)
      let tap = made.tapName.rawValue
      let holder = try await TapHolder(in: site.host, tap: tap, uid: Self.user, deeds)
      // While it is held, it is left: nobody else has it, and nothing fails.
      try await site.manager.attach(request)
      try await holder.stop()
      try await Self.onceIdle(site.rig, tap)

      #expect(try await site.manager.attach(request) == made)
      #expect(try await site.manager.check() == [])
      #expect(try await site.rig.link(tap)["linkinfo"]["info_data"]["persist"] == true)
      try await Self.expectRefused(tap, site.rig, uid: Self.stranger)
      let again = try await TapHolder(in: site.host, tap: tap, uid: Self.user)
      try await again.stop()
      let guest = try await site.boot(made, vnetHeader: true)
      #expect(try await guest.ping(made.gatewayIP))
    }
  }

  @Test("a holder that has its TAP vanish with it finds it again, made anew")
  func vanishing() async throws {
    try await Site.use { site in
      let request = AttachRequest(vmID: "a", settings: .init(owner: TapOwner(uid: Self.user)))
      let made = try await site.manager.attach(request)
      try await TapHolder(in: site.host, tap: made.tapName.rawValue, uid: Self.user, [.persist(false)]).stop()
      #expect(try await eventually { try await site.rig.link(made.tapName.rawValue).isNull })
      #expect(try await site.manager.attach(request) == made)
      let guest = try await site.boot(made)
      #expect(try await guest.ping(made.gatewayIP))
      #expect(try await site.rig.link(made.tapName.rawValue)["linkinfo"]["info_data"]["persist"] == true)
    }
  }

  /// A process that has been killed lets go a moment later.
  private static func onceIdle(_ rig: Rig, _ tap: String) async throws {
    #expect(try await eventually { try await !rig.link(tap)["flags"].elements.contains("LOWER_UP") })
  }
}
