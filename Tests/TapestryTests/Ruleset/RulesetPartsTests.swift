import NFTables
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("The parts of the ruleset that only some networks need")
struct RulesetPartsTests {
  private static let everyCombination = (0..<8).map(RulesetParts.init(rawValue:))

  @Test("leave no rule that leads to a chain that is not there")
  func targets() {
    for parts in Self.everyCombination {
      let chains = Set(RulesetTables.chains(of: parts).map(\.id))
      for rule in RulesetTables.rules(of: parts) {
        #expect(chains.contains(rule.chain), "\(parts): \(rule)")
        for expression in rule.expressions {
          switch expression.kind {
          case .immediate(.verdict(.jump(let name))), .immediate(.verdict(.goto(let name))):
            #expect(chains.contains(Chain.ID(rule.chain.table, name)), "\(parts): \(rule)")
          default: break
          }
        }
      }
    }
  }

  @Test("are those of the networks together")
  func ofNetworks() throws {
    let networks = try Rehearsal.cast(hasIPv6: false).networks.map(Ruleset.NetworkFacts.init)
    #expect(networks.map { [$0].parts } == [.bridges, [], .clones])
    #expect(networks.parts == [.bridges, .clones])
    #expect(
      try Rehearsal.cast(hasIPv6: true).networks.map(Ruleset.NetworkFacts.init).parts == [.bridges, .clones, .ipv6])
  }

  /// A network with one guest: what the guest's frames and packets meet.
  private struct Kind {
    var name: Identifier
    var mode: Network.Mode
    var subnet6: Subnet6Request?
    /// Of each table, the hooks that only this kind needs.
    var hooks: Set<String>
  }

  private static let kinds = [
    Kind(name: "bridged", mode: .bridge, hooks: ["bridge guard", "bridge output"]),
    Kind(name: "routed", mode: .routed, hooks: []),
    Kind(name: "cloned", mode: .clone, hooks: ["arp to_guest", "inet inward"]),
    Kind(name: "dual", mode: .bridge, subnet6: .site, hooks: ["bridge guard", "bridge output"]),
  ]

  private static let always: Set<String> = [
    "arp guard", "inet guard", "inet forward", "inet input", "inet redirects", "inet prerouting", "inet output",
    "inet postrouting",
  ]

  private static func hooks(_ rig: Rig) async throws -> Set<String> {
    let chains = try await rig.namespace.json("nft", "-j", "list", "chains")["nftables"].elements
      .map { $0["chain"] }.filter { !$0["hook"].isNull }
    return Set(chains.map { "\($0["family"].string ?? "") \($0["name"].string ?? "")" })
  }

  @Test(
    "come with the first network that needs them and go with the last, whatever the order", .needsKernel,
    arguments: [[0, 1, 2, 3], [2, 3, 0, 1], [3, 2, 1, 0], [1, 0, 3, 2]])
  func onKernel(order: [Int]) async throws {
    try await Rig.use { rig in
      var present: [Kind] = []
      func expectHooks() async throws {
        let expected = present.isEmpty ? [] : present.reduce(into: Self.always) { $0.formUnion($1.hooks) }
        #expect(try await Self.hooks(rig) == expected, "\(present.map(\.name))")
        #expect(try await rig.manager.check() == [], "\(present.map(\.name))")
      }
      for kind in order.map({ Self.kinds[$0] }) {
        try await rig.manager.createNetwork(
          NetworkRequest(name: kind.name, mode: kind.mode, subnet6: kind.subnet6, snapshot: kind.mode.snapshot))
        present.append(kind)
        try await expectHooks()
        try await rig.manager.attach(AttachRequest(vmID: kind.name, network: kind.name))
        try await expectHooks()
      }
      for kind in order.map({ Self.kinds[$0] }) {
        try await rig.manager.detach(vmID: kind.name)
        try await rig.manager.removeNetwork(named: kind.name)
        present.removeAll { $0.name == kind.name }
        try await expectHooks()
      }
    }
  }

  @Test("that somebody removed, or that no network needs, are mended by repair", .needsKernel)
  func repaired() async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "a"))
      let own = try await Self.hooks(rig)
      for command in [
        "nft flush chain bridge tapestry guard; nft delete chain bridge tapestry guard",
        "nft 'add chain inet tapestry inward { type filter hook postrouting priority 300; }'",
      ] {
        try await rig.namespace.command("sh", "-c", command)
        #expect(
          try await rig.manager.check().map(\.description) == ["the tables 'tapestry' were altered"], "\(command)")
        try await rig.manager.repair()
        #expect(try await Self.hooks(rig) == own)
        #expect(try await rig.manager.check() == [])
      }
    }
  }
}
