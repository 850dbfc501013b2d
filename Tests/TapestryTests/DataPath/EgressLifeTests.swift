import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("Egress policies, as guests and networks come and go,", .needsKernel)
struct EgressLifeTests {
  @Test("of which one changed while a process was killed are drift, which a repair mends")
  func interrupted() async throws {
    try await InnerSite.use(.bridge) { inner in
      let (site, manager) = (inner.site, inner.site.manager)
      let guest = try await site.bootStack(try await inner.attach("web-1"))
      let listener = try await TCPListener(in: site.internet, port: 80)
      let connection = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 80))
      #expect(await listener.accepted() != nil)
      #expect(try await connection.exchange("one") == "one")

      // Written down, and no more.
      let store = try SQLiteLeaseStore(path: site.rig.statePath)
      let key = AttachmentKey(
        vm: try Identifier(parsing: "web-1", field: ""), interface: try Identifier(parsing: "eth0", field: ""))
      try store.update([key]) { lease in
        var settings = lease.settings
        settings.egress.reach = .nothing
        return settings
      }
      let drift = try await manager.check().map(\.description)
      #expect(drift.contains { $0.contains("the ruleset has guest") && $0.contains("egress none") }, "\(drift)")
      #expect(drift.contains { $0.contains("to 198.51.100.2:80/tcp is established") }, "\(drift)")
      #expect(try await connection.exchange("two") == "two")

      #expect(try await manager.repair().map(\.description) == drift)
      #expect(try await connection.exchange("three", within: .milliseconds(400)) == "")
      #expect(try await manager.check() == [])
    }
  }

  @Test(
    "of many guests take no more rules than that of one, and are there as they were written",
    arguments: [(IPFamily.v4, 500), (.v6, 100)])
  func constantRules(family: IPFamily, guests: Int) async throws {
    try await Rig.use { rig in
      let manager = rig.manager
      try await manager.createNetwork(
        NetworkRequest(
          name: "many", subnet: "172.30.64.0/20", subnet6: family == .v6 ? .site : nil,
          settings: NetworkSettings(egress: EgressPolicy(reach: .internet))))
      let rules = { () async throws -> Int in
        try await rig.namespace.json("nft", "-j", "list", "ruleset")["nftables"].elements
          .count { !$0["rule"].isNull }
      }
      let attach = { (number: Int) async throws in
        let policy = EgressPolicy(
          reach: EgressPolicy.Reach.allCases[number % 3], rules: try Self.rules(family, ofGuest: number))
        try await manager.attach(AttachRequest(vmID: "vm-\(number)", network: "many", settings: .init(egress: policy)))
      }
      try await attach(0)
      let few = try await rules()
      for number in 1..<guests { try await attach(number) }
      #expect(try await rules() == few)
      #expect(few > 30)
      #expect(try await manager.check() == [])
      try await manager.detachAll(network: "many")
      #expect(try await manager.check() == [])
      for name in [
        "map inet tapestry guest_rules", "map inet tapestry guest_rules6", "map inet tapestry guest_reach6",
        "set bridge tapestry guests", "set bridge tapestry guests6",
      ] {
        let left = try await rig.namespace.command(
          arguments: ["nft", "list"] + name.split(separator: " ").map(String.init))
        #expect(try !left.checked().stdout.contains("elements"), "\(left)")
      }
      #expect(try await rig.namespace.command("ip", "neighbour", "show", "nud", "permanent") == "")
    }
  }

  private static func rules(_ family: IPFamily, ofGuest number: Int) throws -> [TrafficRule] {
    switch family {
    case .v4:
      try InnerSite.rules(.allow, "10.0.\(number % 250).0/24:\(1000 + number)/tcp")
        + (try InnerSite.rules(.deny, "203.0.113.\(number % 250)", "10.0.\(number % 250).9"))
    case .v6:
      try InnerSite.rules(.allow, "[fd00:\(number)::/32]:\(1000 + number)/tcp", "::/0/icmp")
        + (try InnerSite.rules(.deny, "2001:db8::\(number)", "fd00:\(number)::9"))
    }
  }

  @Test("are adopted from the kernel when the state file is lost", arguments: Network.Mode.allCases)
  func adopted(mode: Network.Mode) async throws {
    try await Rig.use { rig in
      let hasIPv6 = Network.Mode.withIPv6.contains(mode)
      var own = EgressPolicy(
        reach: .nothing,
        rules: try InnerSite.rules(.allow, "0.0.0.0/0:53/udp") + (try InnerSite.rules(.deny, "203.0.113.0/24")))
      var request = NetworkRequest(name: "inner", mode: mode, snapshot: mode.snapshot)
      request.settings.egress = EgressPolicy(reach: .internet, rules: try InnerSite.rules(.allow, "10.0.0.0/8"))
      if hasIPv6 {
        request.subnet6 = .automatic
        own.rules += try InnerSite.rules(.allow, "[2001:db8::/32]:443/tcp")
        own.rules += try InnerSite.rules(.deny, "2001:db8::7")
        request.settings.egress.rules += try InnerSite.rules(.allow, "fd00::/8")
      }
      request.settings.hostAccess = try HostAccess(parsing: "dns,8000-8080/tcp")
      let network = try await rig.manager.createNetwork(request)
      let made = try await rig.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own)))
      let before = try await rig.kernelState(.v6)
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.check() == [])
      #expect(try await rig.kernelState(.v6) == before)
      let adopted = try #require(try await other.attachments(vmID: "web-1").first)
      #expect(adopted.settings.egress == own)
      #expect(adopted.tapName == made.tapName && adopted.guestIP6 == made.guestIP6)
      let after = try await other.network(named: "inner")
      #expect(after.subnet6 == network.subnet6 && after.nat6 == network.nat6)
      #expect(after.settings.egress == network.settings.egress)
      #expect(after.settings.hostAccess == (try HostAccess(parsing: "53/tcp,53/udp,8000-8080/tcp")))
    }
  }
}
