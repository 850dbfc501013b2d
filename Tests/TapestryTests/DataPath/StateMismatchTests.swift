import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A state file that is not this host's", .needsKernel)
struct StateMismatchTests {
  /// Everything by which a manager changes something.
  private static let changes: [(name: String, run: @Sendable (NetworkManager) async throws -> Void)] = [
    ("attach", { try await $0.attach(AttachRequest(vmID: "new")) }),
    ("attach of a VM that runs", { try await $0.attach(AttachRequest(vmID: "a")) }),
    ("attach with an address that is held", { try await $0.attach(AttachRequest(vmID: "b", ip: heldAddress)) }),
    ("attach --dry-run", { _ = try await $0.previewAttach(AttachRequest(vmID: "new")) }),
    ("detach --all", { try await $0.detachAll() }),
    ("network create", { _ = try await $0.createNetwork(NetworkRequest(name: "green")) }),
    ("network rm", { try await $0.removeNetwork(named: "default") }),
    ("policy set", { _ = try await $0.update(network: "default") { $0.egress.reach = .internet } }),
    ("gc", { try await $0.collectGarbage() }),
    ("gc --dry-run", { _ = try await $0.previewGarbage() }),
    ("repair", { try await $0.repair() }),
    ("repair --dry-run", { _ = try await $0.previewRepair() }),
    ("cleanup", { try await $0.cleanup() }),
    ("the original's createBridge", { try await $0.ensureBridge() }),
  ]
  private static let heldAddress = IPv4Address(172, 30, 0, 2)

  @Test(
    "is refused by whatever changes something, which changes nothing, and the guests go on", arguments: [false, true])
  func refused(isUsed: Bool) async throws {
    try await Site.use { site in
      let guest = try await site.guest("a")
      let rival = try manager(site.host, "other")
      if isUsed { try await use(rival, elsewhere: site.rig) }
      let before = try await site.rig.kernelState()
      for change in Self.changes {
        let error = try await #require(throws: TapestryError.self, "\(change.name)") { try await change.run(rival) }
        #expect(error.code == .stateMismatch, "\(change.name): \(error)")
        #expect(error.message.contains("/other.db"), "\(error)")
        if !isUsed { #expect(error.message.contains(site.rig.statePath), "\(error)") }
      }
      #expect(try await site.rig.kernelState() == before)
      #expect(try await guest.ping(Site.gateway))
      #expect(guest.isAttached)
      #expect(try await site.manager.check() == [])
      #expect(try await site.manager.attachments().count == 1)
      // Looking goes on, and says it.
      #expect(try await rival.attachments().count == (isUsed ? 1 : 0))
      #expect(try await rival.check().map(\.step) == [nil])
    }
  }

  @Test("is refused too when the tables have gone, which say whose they are")
  func flushed() async throws {
    try await Site.use { site in
      let guest = try await site.guest("a")
      try await site.host.command("nft", "flush", "ruleset")
      let before = try await site.rig.kernelState()
      let rival = try manager(site.host, "other")
      for change in Self.changes where !["detach --all", "network rm"].contains(change.name) {
        try await expectCode(.stateMismatch) { try await change.run(rival) }
      }
      #expect(try await site.rig.kernelState() == before)
      // Its own mends it.
      _ = try await site.manager.repair()
      #expect(try await site.manager.check() == [])
      #expect(try await guest.ping(Site.gateway))
    }
  }

  @Test("is refused then too where it still has networks of an earlier boot")
  func stale() async throws {
    try await Site.use { site in
      let guest = try await site.guest("a")
      try await site.host.command("nft", "flush", "ruleset")
      let before = try await site.rig.kernelState()
      let rival = try manager(site.host, "other")
      let store = try SQLiteLeaseStore(path: "/tmp/\(site.rig.namespace.name)/other.db")
      try store.insert(try await site.manager.network(named: "default"))
      for change in Self.changes where change.name != "detach --all" {
        try await expectCode(.stateMismatch) { try await change.run(rival) }
      }
      #expect(try await site.rig.kernelState() == before)
      _ = try await site.manager.repair()
      #expect(try await guest.ping(Site.gateway))
    }
  }

  @Test(
    "is refused where it is a copy, or was restored from one, until it takes over what is there",
    arguments: [false, true])
  func copied(isRestored: Bool) async throws {
    try await Site.use { site in
      let path = site.rig.statePath
      try await site.manager.attach(AttachRequest(vmID: "a"))
      let copy = "/tmp/\(site.rig.namespace.name)/copy.db"
      try await site.host.command("sh", "-c", "cp \(path) \(copy); cp \(path)-wal \(copy)-wal")
      let guest = try await site.guest("b")
      if isRestored {
        try await site.host.command("sh", "-c", "rm \(path)-shm; mv \(copy) \(path); mv \(copy)-wal \(path)-wal")
      }
      let before = try await site.rig.kernelState()
      let rival = try NetworkManager(
        .init(statePath: isRestored ? path : copy, networkNamespacePath: site.host.path))
      for change in Self.changes { try await expectCode(.stateMismatch) { try await change.run(rival) } }
      #expect(try await site.rig.kernelState() == before)
      #expect(try await guest.ping(Site.gateway))
      _ = try await rival.repair(adopt: true)
      #expect(try await rival.check() == [])
      #expect(try await rival.attachments().map(\.vmID).sorted() == ["a", "b"])
      #expect(try await guest.ping(Site.gateway))
    }
  }

  @Test("that is lost with the tables closes what it let through, and leaves TAPs that are open")
  func lostWithTables() async throws {
    try await Site.use { site in
      let made = try await site.manager.attach(AttachRequest(vmID: "a"))
      let guest = try await site.boot(made)
      try await site.host.command("sh", "-c", "rm \(site.rig.statePath)*; nft flush ruleset")
      let rival = try manager(site.host, "other")
      let drift = try await rival.repair(adopt: true)
      #expect(drift.contains { $0.step?.contains("egress none") == true }, "\(drift)")
      #expect(drift.contains { $0.description.contains("has it open") }, "\(drift)")
      #expect(guest.isAttached)
      #expect(try await rival.network(named: "default").settings.egress.reach == .nothing)
      // Nobody but who asks for it takes the TAP down.
      _ = try await rival.collectGarbage()
      #expect(guest.isAttached)
      _ = try await rival.cleanup()
      #expect(try await eventually { !guest.isAttached })
    }
  }

  @Test("takes over what is there with repair --adopt, and then it is the other that is refused")
  func adopted() async throws {
    try await Site.use { site in
      let guest = try await site.guest("a")
      let attachments = try await site.manager.attachments()
      let rival = try manager(site.host, "other")
      _ = try await rival.repair(adopt: true)
      #expect(try await rival.check() == [])
      #expect(try await rival.attachments() == attachments)
      #expect(try await guest.ping(Site.gateway))
      try await expectCode(.stateMismatch) { try await site.manager.attach(AttachRequest(vmID: "b")) }
      #expect(try await site.manager.attachments() == attachments)
      _ = try await rival.attach(AttachRequest(vmID: "b"))
    }
  }

  @Test("may have been moved: it is the same file")
  func moved() async throws {
    try await Site.use { site in
      let guest = try await site.guest("a")
      let path = site.rig.statePath
      try await site.host.command("mv", path, path + ".moved")
      for suffix in ["-wal", "-shm"] { try await site.host.command("mv", path + suffix, path + ".moved" + suffix) }
      let same = try NetworkManager(.init(statePath: path + ".moved", networkNamespacePath: site.host.path))
      _ = try await same.attach(AttachRequest(vmID: "b"))
      #expect(try await guest.ping(Site.gateway))
      #expect(try await same.detachAll().count == 2)
    }
  }

  @Test("is one of another network namespace, as long as it has networks there")
  func otherNamespace() async throws {
    try await Rig.use { rig in
      _ = try await rig.manager.attach(AttachRequest(vmID: "a"))
      try await withNamespace { namespace in
        let other = try NetworkManager(.init(statePath: rig.statePath, networkNamespacePath: namespace.path))
        for change in Self.changes { try await expectCode(.stateMismatch) { try await change.run(other) } }
        try await expectCode(.stateMismatch) { try await other.detach(vmID: "a") }
        #expect(try await other.attachments().count == 1)
        #expect(try await namespace.command("ip", "-o", "link").split(separator: "\n").count == 1)

        try await rig.manager.cleanup()
        _ = try await other.attach(AttachRequest(vmID: "a"))
        try await other.cleanup()
      }
      _ = try await rig.manager.attach(AttachRequest(vmID: "a"))
    }
  }

  /// The state file that the attempts are made with, beside the one that counts.
  private func manager(_ namespace: TestNamespace, _ name: String) throws -> NetworkManager {
    try NetworkManager(
      .init(statePath: "/tmp/\(namespace.name)/\(name).db", networkNamespacePath: namespace.path))
  }

  /// Gives the file networks of its own, in another namespace.
  private func use(_ rival: NetworkManager, elsewhere rig: Rig) async throws {
    try await withNamespace { namespace in
      let there = try NetworkManager(
        .init(statePath: "/tmp/\(rig.namespace.name)/other.db", networkNamespacePath: namespace.path))
      _ = try await there.attach(AttachRequest(vmID: "a"))
      _ = try await there.createNetwork(NetworkRequest(name: "green"))
    }
    _ = rival
  }
}
