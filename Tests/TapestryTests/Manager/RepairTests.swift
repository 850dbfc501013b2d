import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Check and repair, on the kernel", .needsKernel)
struct RepairTests {
  @Test("drift is named, mended, and nothing healthy is touched", arguments: Way.all)
  func foreignHands(way: Way) async throws {
    try await Rig.use { rig in
      let network = try await rig.createInner(way)
      let first = try await rig.manager.attach(AttachRequest(vmID: "a", network: "inner"))
      try await rig.manager.attach(AttachRequest(vmID: "b", network: "inner"))
      let attachments = try await rig.manager.attachments()
      let rules = try await rig.namespace.command("nft", "list", "ruleset")
      let healthy = try await rig.link("svbeth0")["ifindex"]
      for hand in ForeignHand.all(way) {
        let hand = hand.naming(network.bridge, try #require(first.guestAddress(way.family)))
        for command in hand.commands { _ = try await rig.namespace.command(arguments: command).checked() }
        let drift = try await rig.manager.check()
        #expect(drift.contains { $0.description.contains(hand.words) }, "\(hand.testDescription): \(drift)")
        #expect(try await rig.manager.previewRepair() == drift, "\(hand.testDescription)")
        #expect(try await rig.manager.check() == drift, "\(hand.testDescription)")

        #expect(try await rig.manager.repair() == drift, "\(hand.testDescription)")
        #expect(try await rig.manager.check() == [], "\(hand.testDescription)")
        #expect(try await rig.manager.repair() == [], "\(hand.testDescription)")
        #expect(try await rig.namespace.command("nft", "list", "ruleset") == rules, "\(hand.testDescription)")
        #expect(try await rig.link("svbeth0")["ifindex"] == healthy, "\(hand.testDescription)")
        #expect(try await rig.manager.attachments() == attachments, "\(hand.testDescription)")
      }
    }
  }

  @Test(
    "a lost state file is rebuilt for every kind of network, what the snapshot's guests believe with it",
    arguments: Way.all)
  func adoptAll(way: Way) async throws {
    try await Rig.use { rig in
      let network = try await rig.createInner(way)
      for vm: Identifier in ["a", "b"] { try await rig.manager.attach(AttachRequest(vmID: vm, network: "inner")) }
      let attachments = try await rig.manager.attachments()
      let before = try await rig.kernelState(way.family)
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.network(named: "inner") == network)
      #expect(try await other.attachments() == attachments)
      #expect(try await other.check() == [])
      #expect(try await rig.kernelState(way.family) == before)
    }
  }

  @Test("a lost state file is refused by repair, rebuilt by repair --adopt, and the guests keep their TAPs")
  func adopt() async throws {
    try await Rig.use { rig in
      let servers = [try IPv4Address(parsing: "198.51.100.53")]
      try await rig.manager.createNetwork(
        NetworkRequest(name: "blue", mtu: 1400, settings: NetworkSettings(nat: false, dns: servers)))
      let blue = try await rig.manager.network(named: "blue")
      let owner = TapOwner(uid: 1234)
      try await rig.manager.attach(AttachRequest(vmID: "a", settings: .init(owner: owner)))
      try await rig.manager.attach(AttachRequest(vmID: "b", network: "blue", mac: MACAddress(2, 1, 1, 1, 1, 1)))
      let attachments = try await rig.manager.attachments()
      let before = try await rig.kernelState()

      rig.removeState()
      let other = try rig.another()
      try await expectCode(.stateMismatch) { try await other.repair() }
      #expect(try await rig.kernelState() == before)
      try await other.repair(adopt: true)
      #expect(try await other.attachments() == attachments)
      #expect(try await other.network(named: "blue") == blue)
      #expect(try await other.check() == [])
      #expect(try await rig.kernelState().prefix(3) == before.prefix(3))
      // What was adopted is held: the next address is another one.
      #expect(try await other.attach(AttachRequest(vmID: "c")).guestIP.description == "172.30.0.3")
      #expect(
        try await other.attach(AttachRequest(vmID: "a", settings: .init(owner: owner)))
          == attachments.first { $0.vmID == "a" })
    }
  }

  @Test("cleanup with a rebuilt state file removes what carries our mark, and nothing else")
  func cleanupWithoutState() async throws {
    try await Rig.use { rig in
      try await rig.namespace.command("ip", "link", "add", "theirs", "type", "bridge")
      let before = try await rig.kernelState().dropLast()
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      rig.removeState()
      let other = try rig.another()
      _ = try await other.repair(adopt: true)
      try await other.cleanup()
      #expect(try await rig.kernelState().dropLast() == before)
    }
  }
}

extension Rig {
  /// A network `inner` whose guests are connected so.
  @discardableResult
  func createInner(_ way: Way) async throws -> Network {
    try await manager.createNetwork(
      NetworkRequest(
        name: "inner", mode: way.mode, subnet6: way.family == .v6 ? .site : nil, snapshot: way.mode.snapshot))
  }
}
