import NetTypes
import Tapestry
import TestKit
import Testing

/// Each is something that others do to a host; `check` names it, `repair` mends it, and a second `check` is clean.
struct ForeignHand: Sendable, CustomTestStringConvertible {
  var commands: [[String]]
  /// What `check` says.
  var words: String
  var testDescription: String { commands.map { $0.joined(separator: " ") }.joined(separator: "; ") }

  static let all: [ForeignHand] = [
    .init(commands: [["nft", "flush", "ruleset"]], words: "are missing"),
    .init(commands: [["nft", "delete", "table", "bridge", "tapestry"]], words: "were altered"),
    .init(commands: [["nft", "flush", "chain", "inet", "tapestry", "forward"]], words: "were altered"),
    .init(commands: [["nft", "add", "rule", "inet", "tapestry", "input", "accept"]], words: "were altered"),
    .init(commands: [["nft", "flush", "set", "bridge", "tapestry", "guests"]], words: "were altered"),
    .init(commands: [["nft", "flush", "set", "inet", "tapestry", "subnets"]], words: "were altered"),
    .init(commands: [["ip", "link", "del", "svaeth0"]], words: "svaeth0 of a/eth0 is missing"),
    .init(commands: [["ip", "link", "del", "svbr0"]], words: "bridge svbr0 is missing"),
    .init(commands: [["ip", "link", "set", "svbr0", "down"]], words: "svbr0 is down"),
    .init(commands: [["ip", "address", "flush", "dev", "svbr0"]], words: "lacks its address"),
    .init(commands: [["ip", "link", "set", "svaeth0", "down"]], words: "svaeth0 of a/eth0 is down"),
    .init(commands: [["ip", "link", "set", "svaeth0", "nomaster"]], words: "is not a port"),
    .init(
      commands: [["ip", "link", "add", "x0", "type", "bridge"], ["ip", "link", "set", "svaeth0", "master", "x0"]],
      words: "is not a port"),
    .init(commands: [["bridge", "link", "set", "dev", "svaeth0", "isolated", "off"]], words: "is not isolated"),
    .init(commands: [["bridge", "link", "set", "dev", "svaeth0", "learning", "on"]], words: "learns or floods"),
    .init(commands: [["ip", "link", "set", "svaeth0", "group", "0"]], words: "not in the guarded"),
    .init(commands: [["ip", "link", "set", "svaeth0", "mtu", "1400"]], words: "MTU 1400"),
    .init(commands: [["sysctl", "-q", "-w", "net.ipv4.ip_forward=0"]], words: "ip_forward is 0"),
  ]
}

@Suite("Check and repair, on the kernel", .needsKernel)
struct RepairTests {
  @Test("drift is named, mended, and nothing healthy is touched", arguments: ForeignHand.all)
  func foreignHand(hand: ForeignHand) async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      try await rig.manager.attach(AttachRequest(vmID: "b"))
      let rules = try await rig.namespace.command("nft", "list", "ruleset")
      let healthy = try await rig.link("svbeth0")["ifindex"]
      for command in hand.commands {
        #expect(try await rig.namespace.command(arguments: command).status == 0)
      }
      let drift = try await rig.manager.check()
      #expect(drift.contains { $0.description.contains(hand.words) }, "\(drift)")
      #expect(try await rig.manager.previewRepair() == drift)
      #expect(try await rig.manager.check() == drift)

      #expect(try await rig.manager.repair() == drift)
      #expect(try await rig.manager.check() == [])
      #expect(try await rig.manager.repair() == [])
      #expect(try await rig.namespace.command("nft", "list", "ruleset") == rules)
      #expect(try await rig.link("svbeth0")["ifindex"] == healthy)
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
