import FoundationEssentials
import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

/// Three guests on a host that is as it should be.
private final class FailingRig {
  let host = StubbornHost()
  let store: SQLiteLeaseStore
  let engine: Engine
  private let directory: String

  init(isLongLived: Bool = false) throws {
    directory = "/tmp/tapestry-teardown-\(UInt64.random(in: 0...UInt64.max))"
    let path = directory + "/state.db"
    let lock = try StateLock(statePath: path)
    store = try SQLiteLeaseStore(path: path)
    engine = Engine(.init(statePath: path), host: host, store: store, lock: lock, isLongLived: isLongLived)
    for vm in ["a", "b", "c"] { _ = try engine.attach(AttachRequest(vmID: vm)) }
    try store.rememberSysctl(.ipv4Forward, value: "0")
    host.applied = []
    let desired = try engine.desired()
    let bridge = ObservedLink(
      index: 10, name: "svbr0", kind: "bridge", mark: .network(.default), mac: desired.networks[0].bridgeMAC, mtu: 1500,
      isUp: true, answersForItselfOnly: true)
    host.observed.links["svbr0"] = bridge
    for (number, guest) in desired.guests.enumerated() {
      let name = guest.lease.tapName.rawValue
      host.observed.links[name] = ObservedLink(
        index: Int32(11 + number), name: name, kind: "tun", mark: guest.mark, mac: guest.hostMAC, mtu: 1500, isUp: true)
    }
    host.observed.ruleset = .intact(desired.ruleset)
    host.observed.stateMark = StateMark(id: try store.identity().id, path: "")
    host.observed.sysctls = [.ipv4Forward: "1"]
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// The leases that are left, each with its state.
  func left() throws -> [String] { try store.leases().map { "\($0.key.vm) \($0.state)" } }

  /// The error of `body`, which must name each of `words`.
  func expectError(
    _ words: [String], sourceLocation: SourceLocation = #_sourceLocation, _ body: (Engine) throws -> Void
  ) throws {
    do {
      try body(engine)
      Issue.record("no error", sourceLocation: sourceLocation)
    } catch let error as TapestryError {
      for word in words { #expect(error.message.contains(word), "\(error)", sourceLocation: sourceLocation) }
      let count = error.message.split(separator: "\n").count - 1
      #expect(count == (words.count > 1 ? words.count : 0), "\(error)", sourceLocation: sourceLocation)
      #expect(error.code == (words.count > 1 ? .cleanupFailed : .kernelRefused), sourceLocation: sourceLocation)
    }
  }
}

@Suite("A teardown that meets failures")
struct FailingTeardownTests {
  private static func isDeletion(of names: String...) -> (Step) -> Bool {
    { step in
      switch step {
      case .deleteTap(let guest): names.contains(guest.lease.tapName.rawValue)
      case .deleteLink(let name, _, _): names.contains(name)
      default: false
      }
    }
  }

  @Test(
    "detach cuts a guest off first; where the process goes on, a single link goes before its elements",
    arguments: [false, true])
  func order(isLongLived: Bool) throws {
    let rig = try FailingRig(isLongLived: isLongLived)
    _ = try rig.engine.detach(vmID: "a", interfaceID: nil)
    #expect(rig.host.applied.map(\.traits.onlyRemoves) == [true, true])
    #expect(Self.isDeletion(of: "svaeth0")(rig.host.applied[isLongLived ? 0 : 1]))

    rig.host.applied = []
    _ = try rig.engine.detachAll(network: nil)
    #expect(rig.host.applied.suffix(2).allSatisfy(Self.isDeletion(of: "svbeth0", "svceth0")))
    #expect(try rig.left().isEmpty)
  }

  @Test("detach reports every one, releases the others, and does the rest when it is asked again")
  func detach() throws {
    let rig = try FailingRig()
    rig.host.refuses = Self.isDeletion(of: "svaeth0", "svceth0")
    try rig.expectError(["delete TAP svaeth0", "delete TAP svceth0"]) { _ = try $0.detachAll(network: nil) }
    #expect(try rig.left() == ["a releasing", "c releasing"])
    rig.host.refuses = Self.isDeletion(of: "svaeth0")
    try rig.expectError(["delete TAP svaeth0"]) { _ = try $0.detachAll(network: nil) }
    #expect(try rig.left() == ["a releasing"])
    rig.host.refuses = { _ in false }
    #expect(try rig.engine.detachAll(network: nil).map(\.vmID) == ["a"])
    #expect(try rig.left() == [])
  }

  @Test("detach reports what the kernel would not forget beside what it would not delete, and gives no address away")
  func forgetting() throws {
    let rig = try FailingRig()
    rig.host.refuses = Self.isDeletion(of: "svaeth0")
    rig.host.forgetting = [.refusal("flush neighbours"), .refusal("flush connections")]
    try rig.expectError(["delete TAP svaeth0", "flush neighbours", "flush connections"]) {
      _ = try $0.detachAll(network: nil)
    }
    #expect(try rig.left() == ["a releasing", "b releasing", "c releasing"])
  }

  @Test("cleanup goes on past what cannot be removed or put back, reports it all, and forgets none of it")
  func cleanup() throws {
    let rig = try FailingRig()
    let isDeletion = Self.isDeletion(of: "svaeth0", "svbeth0")
    rig.host.refuses = { step in isDeletion(step) || step == .restoreSysctl(.ipv4Forward, value: "0") }
    try rig.expectError(["link svaeth0", "link svbeth0", "restore sysctl"]) { try $0.cleanup(network: nil) }
    #expect(rig.host.applied.contains { $0.description.contains("link svceth0") })
    #expect(rig.host.applied.contains(.removeRuleset))
    #expect(try rig.left() == ["a releasing", "b releasing"])
    #expect(try rig.store.networks().count == 1)
    #expect(try rig.store.rememberedSysctls().count == 1)
    rig.host.refuses = { _ in false }
    try rig.engine.cleanup(network: nil)
    #expect(try rig.left() == [] && rig.store.networks() == [] && rig.store.rememberedSysctls() == [])
  }

  @Test("while guests cannot be stopped nothing of theirs is given away, whoever takes them down")
  func ruleset() throws {
    for command in ["cleanup", "gc", "repair"] {
      let rig = try FailingRig()
      try rig.store.markReleasing(try rig.store.leases().map(\.key))
      rig.host.refuses = { step in if case .changeRuleset = step { true } else { false } }
      #expect(throws: TapestryError.self, "\(command)") {
        switch command {
        case "cleanup": try rig.engine.cleanup(network: nil)
        case "gc": _ = try rig.engine.collectGarbage()
        default: _ = try rig.engine.repair(adopt: false)
        }
      }
      #expect(try rig.left() == ["a releasing", "b releasing", "c releasing"], "\(command)")
      #expect(rig.host.applied == [], "\(command)")
    }
  }

  @Test("rules that cannot be put into others' firewalls, or taken out of them, are reported, and hold nothing else up")
  func firewalls() throws {
    let rig = try FailingRig()
    let chain = ForeignChain(table: .legacy(.v4, "filter"), name: "FORWARD")
    rig.host.observed.foreignForwards = [ForeignForward(chain: chain, family: .v4, place: chain, drops: true)]
    rig.host.refuses = { step in
      switch step {
      case .addAccepts, .removeAccepts: true
      default: false
      }
    }
    try rig.expectError(["accept packets of network other"]) { _ = try $0.createNetwork(NetworkRequest(name: "other")) }
    #expect(try rig.store.networks().map(\.name) == [.default])
    try rig.expectError(["accept packets of network default"]) { _ = try $0.repair(adopt: false) }

    rig.host.observed.foreignForwards[0].marked = [.init(chain: chain, network: .default)]
    try rig.expectError(["remove the accept rules for network default"]) { try $0.cleanup(network: "default") }
    #expect(try rig.left() == [] && rig.store.networks().map(\.name) == [.default])
    rig.host.refuses = { _ in false }
    try rig.engine.cleanup(network: "default")
    #expect(try rig.store.networks() == [])
  }

  @Test("gc and repair report every failure too")
  func garbage() throws {
    let rig = try FailingRig()
    try rig.store.markReleasing(try rig.store.leases().map(\.key))
    rig.host.refuses = Self.isDeletion(of: "svaeth0", "svceth0")
    try rig.expectError(["link svaeth0", "link svceth0"]) { _ = try $0.collectGarbage() }
    #expect(try rig.left() == ["a releasing", "c releasing"])
    rig.host.forgetting = [.refusal("flush connections")]
    rig.host.refuses = Self.isDeletion(of: "svaeth0")
    rig.host.observed.links["svbeth0"] = nil
    try rig.expectError(["link svaeth0", "flush connections"]) { _ = try $0.repair(adopt: false) }
    #expect(try rig.left() == ["a releasing", "c releasing"])
  }
}
