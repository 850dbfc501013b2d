import NetTypes
import Tapestry
import TestKit
import Testing

@Suite("Networks whose TAPs are routed, on the kernel", .needsKernel)
struct RoutedNetworkTests {
  static let modes: [Network.Mode] = [.routed, .clone]

  @Test("a TAP has a route and a permanent neighbour, takes from nobody else, and has no master", arguments: modes)
  func tap(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      try await rig.createInner(Way(family: .v4, mode: mode))
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
        ("rp_filter", "1"), ("arp_filter", "1"), ("arp_ignore", "0"), ("proxy_arp", "1"), ("forwarding", "1"),
      ] {
        let path = "/proc/sys/net/ipv4/conf/svaeth0/\(setting)"
        #expect(try await rig.namespace.command("cat", path) == value + "\n", "\(setting)")
      }
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("rules are as many with one guest as with thirty, of every mode")
  func ruleCount() async throws {
    try await Rig.use { rig in
      for mode in Network.Mode.allCases {
        try await rig.manager.createNetwork(
          NetworkRequest(
            name: "\(mode)", mode: mode,
            snapshot: mode.snapshot, settings: NetworkSettings(allowsInterVM: mode != .bridge)))
      }
      try await rig.manager.attach(AttachRequest(vmID: "first"))
      let count = try await rig.ruleCount()
      for mode in Network.Mode.allCases {
        for number in 0..<10 {
          try await rig.manager.attach(AttachRequest(vmID: "\(mode)-\(number)", network: "\(mode)"))
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
        NetworkRequest(name: "inner", mode: .routed, subnet: "10.8.0.0/16"))
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
      try await expectCode(.kernelUnsupported) { try await rig.createInner(Way(family: .v4, mode: .routed)) }
      #expect(try await rig.kernelState() == before)
      try await rig.manager.createNetwork(NetworkRequest(name: "bridged"))
    }
  }

  @Test("what a snapshot's guests cannot be is refused, and nothing is made")
  func refusals() async throws {
    try await Rig.use { rig in
      let before = try await rig.kernelState()
      let (good, create) = (
        InnerSite.snapshot,
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
