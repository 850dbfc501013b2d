import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Networks whose TAPs are routed, on the kernel", .needsKernel)
struct RoutedNetworkTests {
  static let modes: [Network.Mode] = [.routed, .clone]

  private static func create(_ mode: Network.Mode, in rig: Rig) async throws {
    try await rig.manager.createNetwork(
      NetworkRequest(name: "inner", mode: mode, snapshot: mode == .clone ? RoutedSite.snapshot : nil))
  }

  @Test("a TAP has a route and a permanent neighbour, takes from nobody else, and has no master", arguments: modes)
  func tap(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      try await Self.create(mode, in: rig)
      let made = try await rig.manager.attach(AttachRequest(vmID: "a", network: "inner"))
      let link = try await rig.link("svaeth0")
      #expect(link["master"].isNull && link["inet6_addr_gen_mode"] == "none")
      let routes = try await rig.namespace.json("ip", "-j", "route", "show", "dev", "svaeth0").elements
      #expect(routes.map { $0["dst"] } == [.string("\(made.address)")])
      #expect(routes.first?["prefsrc"] == "172.30.1.1")
      let neighbors = try await rig.namespace.json("ip", "-j", "neighbour", "show", "dev", "svaeth0").elements
      #expect(neighbors.map { $0["dst"] } == [.string("\(made.guestIP)")])
      #expect(neighbors.first?["lladdr"] == .string("\(made.mac)"))
      #expect(neighbors.first?["state"].elements == ["PERMANENT"])
      for (setting, value) in [
        ("rp_filter", "1"), ("arp_filter", "1"), ("arp_ignore", "0"), ("proxy_arp", "0"), ("forwarding", "1"),
      ] {
        let path = "/proc/sys/net/ipv4/conf/svaeth0/\(setting)"
        #expect(try await rig.namespace.command("cat", path) == value + "\n", "\(setting)")
      }
      #expect(try await rig.manager.check() == [])
    }
  }

  static let hands: [ForeignHand] = [
    .init(commands: [["ip", "route", "flush", "dev", "svaeth0"]], words: "lacks the route"),
    .init(
      commands: [["ip", "neighbour", "flush", "dev", "svaeth0", "nud", "permanent"]], words: "lacks the neighbour"),
    .init(commands: [["ip", "link", "set", "svaeth0", "down"]], words: "is down"),
    .init(commands: [["ip", "link", "set", "svaeth0", "group", "0"]], words: "not in the guarded"),
    .init(
      commands: [["ip", "link", "add", "x0", "type", "bridge"], ["ip", "link", "set", "svaeth0", "master", "x0"]],
      words: "has a master"),
    .init(commands: [["sysctl", "-q", "-w", "net.ipv4.conf.svaeth0.rp_filter=0"]], words: "not its guest's"),
    .init(commands: [["sysctl", "-q", "-w", "net.ipv4.conf.svaeth0.proxy_arp=1"]], words: "answers ARP"),
    .init(commands: [["ip", "link", "del", "svaeth0"]], words: "svaeth0 of a/eth0 is missing"),
    .init(commands: [["nft", "delete", "table", "arp", "tapestry"]], words: "were altered"),
    .init(commands: [["nft", "flush", "set", "inet", "tapestry", "routed"]], words: "were altered"),
    .init(commands: [["nft", "flush", "set", "arp", "tapestry", "guests"]], words: "were altered"),
  ]

  @Test("drift is named and mended, and the other guest's TAP is not touched", arguments: modes, hands)
  func foreignHand(mode: Network.Mode, hand: ForeignHand) async throws {
    try await Rig.use { rig in
      try await Self.create(mode, in: rig)
      let guests = try await ["a", "b"].asyncMap { vm in
        try await rig.manager.attach(AttachRequest(vmID: vm, network: "inner"))
      }
      let rules = try await rig.namespace.command("nft", "list", "ruleset")
      let healthy = try await rig.link("svbeth0")["ifindex"]
      for command in hand.commands { #expect(try await rig.namespace.command(arguments: command).status == 0) }
      let drift = try await rig.manager.check()
      #expect(drift.contains { $0.description.contains(hand.words) }, "\(drift)")
      #expect(try await rig.manager.repair() == drift)
      #expect(try await rig.manager.check() == [])
      #expect(try await rig.namespace.command("nft", "list", "ruleset") == rules)
      #expect(try await rig.link("svbeth0")["ifindex"] == healthy)
      #expect(try await rig.manager.attachments() == guests)
    }
  }

  @Test("a lost state file is rebuilt, what the snapshot's guests believe with it", arguments: modes)
  func adopt(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      try await Self.create(mode, in: rig)
      for vm: Identifier in ["a", "b"] { try await rig.manager.attach(AttachRequest(vmID: vm, network: "inner")) }
      let (network, attachments) = (try await rig.manager.network(named: "inner"), try await rig.manager.attachments())
      let before = try await rig.kernelState()
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.network(named: "inner") == network)
      #expect(try await other.attachments() == attachments)
      #expect(try await other.check() == [])
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("after cleanup nothing is left", arguments: modes)
  func cleanup(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      try await Self.create(mode, in: rig)
      for vm: Identifier in ["a", "b"] { try await rig.manager.attach(AttachRequest(vmID: vm, network: "inner")) }
      try await rig.manager.detach(vmID: "a")
      #expect(try await rig.manager.check() == [])
      try await rig.manager.cleanup()
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("rules are as many with one guest as with thirty, of every mode")
  func ruleCount() async throws {
    try await Rig.use { rig in
      try await rig.manager.attach(AttachRequest(vmID: "first"))
      let count = try await rig.ruleCount()
      for mode in Network.Mode.allCases {
        try await rig.manager.createNetwork(
          NetworkRequest(
            name: identifier(mode.rawValue), mode: mode,
            snapshot: mode == .clone ? RoutedSite.snapshot : nil,
            settings: NetworkSettings(allowsInterVM: mode != .bridge)))
        for number in 0..<10 {
          try await rig.manager.attach(
            AttachRequest(vmID: "\(mode.rawValue)-\(number)", network: identifier(mode.rawValue)))
        }
      }
      #expect(try await rig.ruleCount() == count)
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("more guests than a bridge has ports are attached, and all detached")
  func many() async throws {
    try await Rig.use { rig in
      try await rig.manager.createNetwork(
        NetworkRequest(name: "inner", mode: .routed, subnet: try IPv4Subnet(parsing: "10.8.0.0/16")))
      let before = try await rig.kernelState()
      for number in 0..<1_030 {
        try await rig.manager.attach(AttachRequest(vmID: "vm-\(number)", network: "inner"))
      }
      #expect(try await rig.manager.check() == [])
      #expect(try await rig.manager.detachAll().count == 1_030)
      #expect(try await rig.kernelState() == before)
    }
  }

  @Test("a host that answers ARP for no other link's address is said to be one, and nothing is made")
  func arpIgnore() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      try await rig.namespace.command("sysctl", "-q", "-w", "net.ipv4.conf.all.arp_ignore=1")
      try await expectCode(.kernelUnsupported) { try await Self.create(.routed, in: rig) }
      #expect(try await rig.kernelState() == before)
      try await rig.manager.createNetwork(NetworkRequest(name: "bridged"))
    }
  }

  @Test("what a snapshot's guests cannot be is refused, and nothing is made")
  func refusals() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      let (good, create) = (
        RoutedSite.snapshot,
        { (mode: Network.Mode, snapshot: SnapshotIdentity?) in
          _ = try await rig.manager.createNetwork(NetworkRequest(name: "x", mode: mode, snapshot: snapshot))
        }
      )
      try await expectCode(.invalidMode) { try await create(.clone, nil) }
      try await expectCode(.invalidMode) { try await create(.routed, good) }
      try await expectCode(.invalidMode) { try await create(.bridge, good) }
      var bad = good
      bad.gateway = good.address
      try await expectCode(.invalidAddress) { try await create(.clone, bad) }
      bad.gateway = IPv4Address(10, 0, 0, 1)
      try await expectCode(.invalidAddress) { try await create(.clone, bad) }
      bad = good
      bad.address = good.subnet.broadcast
      try await expectCode(.invalidAddress) { try await create(.clone, bad) }
      bad = good
      bad.mac = MACAddress(1, 0, 0, 0, 0, 1)
      try await expectCode(.invalidMAC) { try await create(.clone, bad) }
      bad.mac = good.gatewayMAC
      try await expectCode(.invalidMAC) { try await create(.clone, bad) }
      #expect(try await rig.kernelState() == before)

      try await create(.clone, good)
      try await expectCode(.invalidMAC) {
        try await rig.manager.attach(AttachRequest(vmID: "a", network: "x", mac: MACAddress(2, 9, 9, 9, 9, 9)))
      }
      let same = try await rig.manager.attach(AttachRequest(vmID: "a", network: "x", mac: good.mac))
      #expect(try await rig.manager.attach(AttachRequest(vmID: "a", network: "x", mac: good.mac)) == same)
      #expect(same.mac == good.mac)
    }
  }
}

extension Rig {
  fileprivate func ruleCount() async throws -> Int {
    try await namespace.json("nft", "-j", "list", "ruleset")["nftables"].elements.filter { !$0["rule"].isNull }.count
  }
}

extension Sequence where Self: Sendable {
  fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
