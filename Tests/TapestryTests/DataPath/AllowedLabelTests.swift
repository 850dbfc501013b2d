import Linux
import NetTypes
import TestKit
import Testing

@testable import Tapestry

@Suite("A label that a policy allows", .needsKernel)
struct AllowedLabelTests {
  /// The modes of the caller's network and of the other's. In one mode it is the same network.
  struct Pairing: Hashable, Sendable, CustomTestStringConvertible {
    var from: Network.Mode
    var to: Network.Mode
    var isSameNetwork: Bool
    var family: IPFamily

    var testDescription: String { "\(from) to \(isSameNetwork ? "the same \(to)" : "\(to)"), \(family)" }

    static let all: [Pairing] = IPFamily.allCases.flatMap { family in
      let modes = family == .v4 ? Network.Mode.allCases : Network.Mode.withIPv6
      return modes.flatMap { from in
        modes.map { Pairing(from: from, to: $0, isSameNetwork: false, family: family) }
          + [Pairing(from: from, to: from, isSameNetwork: true, family: family)]
      }
    }
  }

  /// Networks `near` and `far`, with guests that may and may not reach each other.
  private struct Places {
    let site: Site
    let far: Identifier

    static func use(_ pairing: Pairing, _ body: (Places) async throws -> Void) async throws {
      try await Site.use { site in
        for (number, (name, mode)) in [("near", pairing.from), ("far", pairing.to)].enumerated() {
          guard name == "near" || !pairing.isSameNetwork else { continue }
          let prefix6 = try IPv6Prefix(parsing: "2001:db8:\(70 + number)::/64")
          try await site.manager.createNetwork(
            NetworkRequest(
              name: try Identifier(parsing: name, field: "name"), mode: mode,
              subnet6: pairing.family == .v6 ? .prefix(prefix6) : nil, snapshot: mode.snapshot))
        }
        try await body(Places(site: site, far: pairing.isSameNetwork ? "near" : "far"))
      }
    }

    func attach(
      _ vm: Identifier, in network: Identifier, allow: String? = nil, label: String? = nil
    ) async throws -> Tapestry.Attachment {
      var settings = AttachmentSettings()
      if let allow { settings.egress = EgressPolicy(reach: .nothing, labels: [try Label(parsing: allow)]) }
      if let label { settings.labels = try Labels(parsing: [label]) }
      return try await site.manager.attach(AttachRequest(vmID: vm, network: network, settings: settings))
    }
  }

  /// A guest, and what others find it by.
  private struct Party {
    let guest: StandInGuest
    let address: IPAddress
    let gateway: IPAddress

    init(_ made: Tapestry.Attachment, _ family: IPFamily, on site: Site) async throws {
      guest = try await site.boot(made)
      address = try #require(made.reachableAddress(family))
      let network = try await site.manager.network(named: made.network)
      gateway = family == .v4 ? .v4(made.gatewayIP) : .v6(try #require(network.hostAddress6))
    }
  }

  /// Sends an echo request by way of the gateway, and one to the gateway, whose answer tells that the first has been judged.
  private func expectNoContact(
    from one: Party, to other: Party, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let hop = try #require(try await one.guest.nextHop(to: Site.serverIP(other.address.family)))
    let own = try #require(one.guest.ownAddress(other.address.family))
    _ = other.guest.arrivals.takeAll()
    try one.guest.send(
      .echoRequest(0x7461, Array("no contact".utf8), from: own, to: other.address, by: one.guest.mac, at: hop))
    #expect(try await one.guest.ping(one.gateway), sourceLocation: sourceLocation)
    // What the host sends the other comes in order.
    #expect(try await other.guest.ping(other.gateway), sourceLocation: sourceLocation)
    let source = one.address
    #expect(
      await other.guest.received(within: .zero) { $0.addresses?.source == source } == nil,
      sourceLocation: sourceLocation)
  }

  @Test("opens the way to guests that have it, and to nobody else", arguments: Pairing.all)
  func opens(pairing: Pairing) async throws {
    try await Places.use(pairing) { places in
      let (site, family) = (places.site, pairing.family)
      func party(
        _ vm: Identifier, in network: Identifier, allow: String? = nil, label: String? = nil
      ) async throws -> Party {
        try await Party(try await places.attach(vm, in: network, allow: allow, label: label), family, on: site)
      }
      let caller = try await party("caller", in: "near", allow: "tier=db")
      let neighbor = try await party("neighbor", in: "near")
      let db = try await party("db", in: places.far, label: "tier=db")
      let labelled = try await places.attach("web", in: places.far, label: "tier=web")
      let web = try await Party(labelled, family, on: site)
      #expect(try await site.manager.check() == [])
      #expect(try await caller.guest.ping(db.address))
      for (one, other) in [
        (caller, web), (caller, neighbor), (neighbor, db), (db, caller), (db, neighbor), (web, db), (web, caller),
      ] { try await expectNoContact(from: one, to: other) }

      // Kept up as labels change.
      try await site.manager.update(vmID: "web") { settings throws(TapestryError) in
        try settings.labels.set("tier", to: "db")
      }
      try await site.manager.update(vmID: "db") { settings throws(TapestryError) in
        try settings.labels.set("tier", to: nil)
      }
      #expect(try await caller.guest.ping(web.address))
      try await expectNoContact(from: caller, to: db)
      #expect(try await site.manager.check() == [])

      // And as guests come and go: another one gets the address of one that was allowed.
      try await site.manager.detach(vmID: "web")
      await web.guest.stop()
      if family == .v4 {
        let heir = try await site.manager.attach(
          AttachRequest(vmID: "heir", network: places.far, ip: labelled.outerIP ?? labelled.guestIP))
        try await expectNoContact(from: caller, to: try await Party(heir, family, on: site))
      }
      #expect(try await site.manager.check() == [])
      let late = try await party("late", in: places.far, label: "tier=db")
      #expect(try await caller.guest.ping(late.address))

      try await site.manager.update(vmID: "caller") { $0.egress.labels = [] }
      try await expectNoContact(from: caller, to: late)
      #expect(try await site.manager.check() == [])
      for name in ["peers", "peers6"] {
        #expect(try await !site.host.command("nft", "list", "set", "inet", "tapestry", name).contains("elements"))
      }
    }
  }

  @Test("may be the other's network's, and the policy the own network's; a denial still applies")
  func ofNetworks() async throws {
    try await Places.use(Pairing(from: .bridge, to: .routed, isSameNetwork: false, family: .v4)) { places in
      let (site, manager) = (places.site, places.site.manager)
      let (one, other) = (try await places.attach("a", in: "near"), try await places.attach("b", in: "far"))
      let own = try await places.attach("c", in: "far", label: "role=cache")
      let (a, b, c) = (try await site.bootStack(one), try await site.bootStack(other), try await site.bootStack(own))
      let target = Endpoint(.v4(other.guestIP), 22)
      let listener = try await TCPListener(in: b.namespace, at: target)
      try await manager.update(network: "near") { settings throws(TapestryError) in
        settings.egress.labels = [try Label("role", "db")]
      }
      try await manager.update(network: "far") { settings throws(TapestryError) in
        try settings.labels.set("role", to: "db")
      }
      #expect(try await manager.check() == [])
      let connection = try await TCPConnection(from: a.namespace, to: target)
      #expect(try await connection.exchange("one") == "one")
      #expect(await listener.accepted()?.peer.ip == .v4(one.guestIP))
      // Its own label of that key counts.
      #expect(try await !a.namespace.pings(own.guestIP))
      _ = c

      // What is no longer allowed ends.
      let before = try await manager.previewUpdate(network: "far") { settings throws(TapestryError) in
        try settings.labels.set("role", to: nil)
      }
      #expect(before.ending == ["\(one.guestIP) to \(other.guestIP):22/tcp"])
      try await manager.update(vmID: "a") { settings throws(TapestryError) in
        settings.egress.deny = try [Traffic](parsing: "\(other.guestIP):22/tcp")
      }
      #expect(try await connection.exchange("two", within: .milliseconds(400)) == "")
      #expect(try await a.namespace.pings(other.guestIP))
      try await manager.update(vmID: "a") { $0.egress.deny = [] }
      let second = try await TCPConnection(from: a.namespace, to: target)
      #expect(try await second.exchange("three") == "three")
      try await manager.update(network: "far") { settings throws(TapestryError) in
        try settings.labels.set("role", to: nil)
      }
      #expect(try await second.exchange("four", within: .milliseconds(400)) == "")
      #expect(try await !a.namespace.pings(other.guestIP))
      #expect(try await manager.check() == [])
    }
  }

  @Test("is adopted with the policies that allow it when the state file is lost")
  func adopted() async throws {
    try await Places.use(Pairing(from: .bridge, to: .clone, isSameNetwork: false, family: .v4)) { places in
      let rig = places.site.rig
      let caller = try await places.attach("caller", in: "near", allow: "tier=db")
      _ = try await places.attach("db", in: "far", label: "tier=db")
      try await rig.manager.update(network: "far") { settings throws(TapestryError) in
        settings.egress.labels = [try Label("tier", "web")]
      }
      let before = try await rig.kernelState()
      rig.removeState()
      let other = try rig.another()
      try await other.repair(adopt: true)
      #expect(try await other.check() == [])
      #expect(try await rig.kernelState() == before)
      #expect(try await other.attachments(vmID: "caller") == [caller])
      #expect(try await other.network(named: "far").settings.egress.labels.map(\.description) == ["tier=web"])
    }
  }

  @Test(
    "that a killed change took from a guest, or from a policy, leaves nothing once the guest is detached",
    arguments: ["db", "caller"])
  func killedChange(vm: Identifier) async throws {
    try await Places.use(Pairing(from: .bridge, to: .bridge, isSameNetwork: true, family: .v4)) { places in
      let rig = places.site.rig
      _ = try await places.attach("caller", in: "near", allow: "tier=db")
      let db = try await places.attach("db", in: "near", label: "tier=db")
      // Written down, and no more.
      let store = try SQLiteLeaseStore(path: rig.statePath)
      try store.update([AttachmentKey(vm: vm, interface: "eth0")]) { lease throws(TapestryError) in
        var settings = lease.settings
        (settings.labels, settings.egress.labels) = (Labels(), [])
        return settings
      }
      #expect(try await rig.manager.check().contains { $0.kind == .ruleset })
      try await rig.manager.detach(vmID: "db")
      #expect(try await !rig.namespace.command("nft", "list", "set", "inet", "tapestry", "peers").contains("elements"))
      try await rig.manager.attach(AttachRequest(vmID: "heir", network: "near", ip: db.guestIP))
      if vm == "caller" { try await rig.manager.repair() }
      #expect(try await rig.manager.check() == [])
    }
  }

  @Test("goes with its guest from tables that somebody has altered")
  func altered() async throws {
    try await Places.use(Pairing(from: .routed, to: .routed, isSameNetwork: true, family: .v4)) { places in
      let rig = places.site.rig
      _ = try await places.attach("caller", in: "near", allow: "tier=db")
      _ = try await places.attach("db", in: "near", label: "tier=db")
      try await rig.namespace.command("nft", "add", "rule", "inet", "tapestry", "input", "accept")
      try await rig.manager.detach(vmID: "db")
      #expect(try await !rig.namespace.command("nft", "list", "set", "inet", "tapestry", "peers").contains("elements"))
      #expect(try await !rig.namespace.command("nft", "list", "set", "inet", "tapestry", "routed").contains("svdb"))
      try await rig.manager.repair()
      #expect(try await rig.manager.check() == [])
    }
  }
}

extension Tapestry.Attachment {
  /// What other guests find its guest by.
  fileprivate func reachableAddress(_ family: IPFamily) -> IPAddress? {
    family == .v4 ? .v4(outerIP ?? guestIP) : guestIP6.map { .v6($0) }
  }
}

extension TestNamespace {
  /// Whether one of a few pings is answered.
  fileprivate func pings(_ target: IPv4Address) async throws -> Bool {
    try await command(arguments: ["busybox", "ping", "-c", "2", "-W", "1", "\(target)"]).termination == .exited(0)
  }
}
