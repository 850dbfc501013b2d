import NetTypes
import TestKit
import Testing

@testable import Tapestry

/// An address that the site's internet answers for, and whether it is one of the internet's.
private struct Place: Sendable {
  var address: IPv4Address
  var isInternet: Bool

  init(_ text: String, isInternet: Bool) {
    address = (try? IPv4Address(parsing: text)) ?? Site.server
    self.isInternet = isInternet
  }

  static let all: [Place] =
    [
      "198.51.100.2", "203.0.113.7", "192.0.0.9", "192.31.196.1", "1.0.0.1", "9.255.255.255", "11.0.0.0", "172.15.0.1",
      "172.32.0.1",
    ].map { Place($0, isInternet: true) }
    + [
      "10.0.0.5", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.2", "172.16.0.1", "172.31.255.1",
      "192.0.0.1", "192.0.0.11", "192.0.2.1", "192.88.99.1", "192.168.5.5", "198.18.0.1", "198.19.255.255", "224.0.0.9",
      "240.0.0.1", "0.0.0.1",
    ].map { Place($0, isInternet: false) }

  static let linkLocal = ["169.254.169.254", "169.254.0.1"].map { Place($0, isInternet: false) }
}

@Suite("Egress", .needsKernel)
struct EgressTests {
  /// Lets the ping pass that `RoutedSite.escaped` waits for.
  private static let ping = TrafficRule(.allow, Traffic(to: .init(host: Site.server), protocols: 1...1))

  private static func rules(_ verdict: TrafficRule.Verdict, _ texts: String...) throws -> [TrafficRule] {
    try texts.flatMap([Traffic].init(parsing:)).map { TrafficRule(verdict, $0) }
  }

  @Test(
    "of each reach leads there and nowhere else", arguments: Network.Mode.allCases,
    [EgressPolicy.Reach.all, .internet, .nothing])
  func reach(mode: Network.Mode, reach: EgressPolicy.Reach) async throws {
    try await RoutedSite.use(mode) { inner in
      let manager = inner.site.manager
      let guest = try await inner.site.boot(try await inner.attach("web-1"))
      let forger = try await Forger(guest, neighbor: guest)
      let forgeries = (Place.all + Place.linkLocal).map { forger.udp("\($0.address)", to: $0.address) }
      // Set on a network that runs, and on an attachment; the attachment's counts.
      let wanted = EgressPolicy(reach: reach, rules: [Self.ping])
      let other = EgressPolicy(reach: reach == .all ? .nothing : .all, rules: [Self.ping])
      let expected = Place.all.filter { place in
        switch reach {
        case .all: place.isForwarded
        case .internet: place.isInternet
        case .nothing, .inherited: false
        }
      }
      try await manager.setPolicy(network: "inner", egress: wanted)
      try await inner.expect(forgeries, from: guest, letThrough: expected.map { "\($0.address)" })
      try await manager.setPolicy(network: "inner", egress: other)
      try await manager.setPolicy(vmID: "web-1", egress: wanted)
      try await inner.expect(forgeries, from: guest, letThrough: expected.map { "\($0.address)" })
      #expect(try await manager.check() == [])
    }
  }

  @Test("is decided by the attachment's rules, then the network's, then the reach", arguments: Network.Mode.allCases)
  func precedence(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let manager = inner.site.manager
      let network = EgressPolicy(
        reach: .internet,
        rules: [Self.ping] + (try Self.rules(.allow, "10.0.0.0/8:53", "169.254.169.254:80", "192.168.0.0/16"))
          + (try Self.rules(.deny, "203.0.113.0/24", "192.168.7.0/24", "1.0.0.0/8:25")))
      try await manager.setPolicy(network: "inner", egress: network)
      let own = EgressPolicy(
        rules: try Self.rules(.allow, "203.0.113.7:443", "192.168.7.7:1000-1001/udp")
          + (try Self.rules(.deny, "10.0.0.9", "192.168.5.0/24/udp")))
      let guest = try await inner.site.boot(
        try await manager.attach(AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own))))
      let forger = try await Forger(guest, neighbor: guest)
      let cases: [(String, UInt16, Bool)] = [
        ("203.0.113.7", 443, true), ("203.0.113.7", 444, false), ("203.0.113.8", 443, false),
        ("10.0.0.5", 53, true), ("10.0.0.5", 54, false), ("10.0.0.9", 53, false),
        ("169.254.169.254", 80, true), ("169.254.169.254", 81, false), ("169.254.169.253", 80, false),
        ("192.168.6.1", 9, true), ("192.168.5.1", 9, false), ("192.168.7.7", 1000, true), ("192.168.7.7", 1001, true),
        ("192.168.7.7", 999, false), ("192.168.7.7", 1002, false), ("192.168.7.8", 1000, false),
        ("1.0.0.1", 24, true), ("1.0.0.1", 25, false), ("1.0.0.1", 26, true), ("192.52.193.9", 25, true),
        ("100.64.0.1", 80, false),
      ]
      let forgeries = try cases.map { text, port, _ in
        let address = try IPv4Address(parsing: text)
        return forger.udp("\(text):\(port)", to: address, ports: (40_000, port))
      }
      let expected = cases.filter(\.2).map { "\($0.0):\($0.1)" }
      try await inner.expect(forgeries, from: guest, letThrough: expected)
      // Another guest of the network has the network's alone.
      let other = try await inner.site.boot(try await inner.attach("web-2"))
      let second = try await Forger(other, neighbor: other)
      let further = [
        second.udp("own rule of another", to: IPv4Address(203, 0, 113, 7), ports: (40_000, 443)),
        second.udp("denied to another", to: IPv4Address(10, 0, 0, 9), ports: (40_000, 53)),
      ]
      #expect(try await inner.escaped(further, from: other) == ["denied to another"])
    }
  }

  @Test("denies what has no ports, or not enough of a header to tell", arguments: Network.Mode.allCases)
  func oddPackets(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let manager = inner.site.manager
      let guest = try await inner.site.boot(try await inner.attach("web-1"))
      let forger = try await Forger(guest, neighbor: guest)
      try await manager.setPolicy(
        vmID: "web-1", egress: EgressPolicy(rules: try Self.rules(.deny, "203.0.113.0/24") + [Self.ping]))
      let odd = { (target: String) throws -> [Forgery] in
        let address = try IPv4Address(parsing: target)
        let packet = { (name: String, number: UInt8, payload: @escaping (Mark) -> [UInt8]) in
          forger.frame("\(name) to \(target)") { mark in
            .ipv4(
              IPv4Packet(
                source: forger.own.address, destination: address, protocolNumber: .init(rawValue: number),
                payload: payload(mark)), from: forger.own.mac, to: forger.gateway.mac)
          }
        }
        return [
          packet("GRE", 47) { [0, 0, 8, 0] + $0.bytes }, packet("ESP", 50) { [0, 0, 0, 1] + $0.bytes },
          packet("an unknown protocol", 253) { $0.bytes },
          forger.frame("an echo request to \(target)") { mark in
            .ipv4(
              .icmp(
                .echoRequest(identifier: 7, sequence: 1, payload: mark.bytes), from: forger.own.address, to: address),
              from: forger.own.mac, to: forger.gateway.mac)
          },
        ]
      }
      let (denied, allowed) = (try odd("203.0.113.7"), try odd("192.0.2.9"))
      try await inner.expect(denied + allowed, from: guest, letThrough: allowed.map(\.name))

      // Too short for ports: they reach nobody, allowed or not.
      let uplink = try await PacketSocket(in: inner.site.host, interface: "uplink")
      for length in 0...3 {
        let packet = IPv4Packet(
          source: guest.address, destination: IPv4Address(203, 0, 113, 7), protocolNumber: .init(rawValue: 253),
          payload: [UInt8](repeating: 0x55, count: length))
        try guest.send(.ipv4(packet, from: guest.mac, to: forger.gateway.mac))
      }
      #expect(try await guest.ping(Site.server))
      #expect(
        await uplink.captured(within: .patience) { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
      #expect(uplink.captures.takeAll().allSatisfy { $0.frame.ipv4?.destination != IPv4Address(203, 0, 113, 7) })
    }
  }

  @Test(
    "that changes ends the connections which are no longer allowed, and no others", arguments: Network.Mode.allCases)
  func established(mode: Network.Mode) async throws {
    try await RoutedSite.use(mode) { inner in
      let (site, manager) = (inner.site, inner.site.manager)
      let guest = try await site.bootStack(try await inner.attach("web-1"))
      let (kept, lost) = (
        try await TCPListener(in: site.internet, port: 443), try await TCPListener(in: site.internet, port: 80)
      )
      let first = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 443))
      let second = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 80))
      #expect(await kept.accepted() != nil)
      #expect(await lost.accepted() != nil)
      #expect(try await first.exchange("one") == "one")
      #expect(try await second.exchange("one") == "one")

      let only443 = EgressPolicy(
        reach: .nothing, rules: try Self.rules(.allow, "\(Site.server):443/tcp"))
      try await manager.setPolicy(vmID: "web-1", egress: only443)
      #expect(try await first.exchange("two") == "two")
      #expect(try await second.exchange("two", within: .milliseconds(400)) == "")
      await #expect(throws: (any Error).self) {
        _ = try await TCPConnection(
          from: guest.namespace, to: Endpoint(Site.server, 80), within: .milliseconds(300))
      }
      _ = try await TCPConnection(from: guest.namespace, to: Endpoint(Site.server, 443))
      #expect(try await manager.check() == [])

      // The network's policy too; the attachment's own comes first.
      try await manager.setPolicy(network: "inner", egress: EgressPolicy(reach: .nothing))
      #expect(try await first.exchange("three") == "three")
      try await manager.setPolicy(vmID: "web-1", egress: EgressPolicy())
      #expect(try await first.exchange("four", within: .milliseconds(400)) == "")
    }
  }

  @Test("that changed while a process was killed is drift, which a repair mends")
  func interrupted() async throws {
    try await RoutedSite.use(.bridge) { inner in
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

  @Test("policies of 500 guests take no more rules than that of one, and are there as they were written")
  func constantRules() async throws {
    try await Site.use { site in
      let manager = site.manager
      try await manager.createNetwork(
        NetworkRequest(
          name: "many", subnet: (try? IPv4Subnet(parsing: "172.30.64.0/20")),
          settings: NetworkSettings(egress: EgressPolicy(reach: .internet))))
      let rules = { () async throws -> Int in
        try await site.host.json("nft", "-j", "list", "ruleset")["nftables"].elements.filter { !$0["rule"].isNull }
          .count
      }
      let attach = { (number: Int) async throws in
        let policy = EgressPolicy(
          reach: EgressPolicy.Reach.allCases[number % 3],
          rules: try Self.rules(.allow, "10.0.\(number % 250).0/24:\(1000 + number)/tcp")
            + (try Self.rules(.deny, "203.0.113.\(number % 250)", "10.0.\(number % 250).9")))
        _ = try await manager.attach(
          AttachRequest(vmID: "vm-\(number)", network: "many", settings: .init(egress: policy)))
      }
      try await attach(0)
      let few = try await rules()
      for number in 1..<500 { try await attach(number) }
      #expect(try await rules() == few)
      #expect(few > 30)
      #expect(try await manager.check() == [])
      try await manager.detachAll(network: "many")
      #expect(try await manager.check() == [])
      #expect(try await !site.host.command("nft", "list", "map", "inet", "tapestry", "guest_rules").contains("10.0."))
    }
  }

  @Test("is adopted from the kernel when the state file is lost")
  func adopted() async throws {
    try await RoutedSite.use(.clone) { inner in
      let site = inner.site
      let own = EgressPolicy(
        reach: .nothing,
        rules: try Self.rules(.allow, "0.0.0.0/0:53/udp") + (try Self.rules(.deny, "203.0.113.0/24")))
      try await site.manager.setPolicy(
        network: "inner", egress: EgressPolicy(reach: .internet, rules: try Self.rules(.allow, "10.0.0.0/8")))
      try await site.manager.setHostAccess(network: "inner", try HostAccess(parsing: "dns,8000-8080/tcp"))
      let made = try await site.manager.attach(
        AttachRequest(vmID: "web-1", network: "inner", settings: .init(egress: own)))
      let before = try await site.rig.kernelState()
      site.rig.removeState()
      let other = try site.rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.check() == [])
      #expect(try await site.rig.kernelState() == before)
      let adopted = try #require(try await other.attachments(vmID: "web-1").first)
      #expect(adopted.settings.egress.reach == .nothing)
      #expect(adopted.settings.egress.disjointRules == own.disjointRules)
      #expect(adopted.tapName == made.tapName)
      let network = try await other.network(named: "inner")
      #expect(network.settings.egress == EgressPolicy(reach: .internet, rules: try Self.rules(.allow, "10.0.0.0/8")))
      #expect(network.settings.hostAccess == (try HostAccess(parsing: "53/tcp,53/udp,8000-8080/tcp")))
    }
  }
}

extension Place {
  /// What a host forwards at all: no loopback, and no multicast without being asked to.
  fileprivate var isForwarded: Bool {
    address.bytes[0] != 127 && !(224..<240).contains(address.bytes[0])
  }
}

extension RoutedSite {
  /// Sends frames, and expects those of these names at the uplink, and no others.
  fileprivate func expect(
    _ forgeries: [Forgery], from guest: StandInGuest, letThrough names: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let (seen, wanted) = (try await escaped(forgeries, from: guest), Set(names))
    #expect(seen.subtracting(wanted) == [], "these got out", sourceLocation: sourceLocation)
    #expect(wanted.subtracting(seen) == [], "these were kept back", sourceLocation: sourceLocation)
  }
}
