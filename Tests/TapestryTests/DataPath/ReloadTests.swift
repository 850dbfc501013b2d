import NetTypes
import Tapestry
import TestKit
import Testing
import _StringProcessing

/// `nft list ruleset > /etc/nftables.conf` is how Debian keeps a firewall over a restart: a listing that does not load is a
/// host without any.
@Suite(
  "nft(8) reads back what it lists of the tables", .needsKernel,
  .enabled("nft(8) and this kernel cannot look a protocol up among ranges, whoever wrote the rule") {
    try await ProtocolLookup.isPossible()
  })
struct ReloadTests {
  @Test(
    "and lists the same again, guests go on, and nothing is to be mended", arguments: [Network.Mode.bridge, .routed])
  func reload(mode: Network.Mode) async throws {
    try await InnerSite.use(subnet6: .site) { inner in
      let guests = try await furnish(inner, mode)
      let before = try await reload(inner.site.host)
      let changed = changes(from: before, to: try await inner.site.host.command("nft", "list", "ruleset"))
      #expect(changed == [])
      #expect(try await inner.manager.check() == [])
      for guest in guests { #expect(try await guest.ping(Site.server)) }
      try await expectHeld(guests[0], inner.site)
    }
  }

  @Test("with clones too, but for how what errors quote is translated, which repair makes anew")
  func clones() async throws {
    try await InnerSite.use(subnet6: .site) { inner in
      let guests = try await furnish(inner, .clone)
      let before = try await reload(inner.site.host)
      let changed = changes(from: before, to: try await inner.site.host.command("nft", "list", "ruleset"))
      #expect(changed == [])
      for guest in guests { #expect(try await guest.ping(Site.server)) }
      #expect(try await inner.manager.check().map(\.description) == ["the tables 'tapestry' were altered"])
      _ = try await inner.manager.repair()
      #expect(try await inner.manager.check() == [])
    }
  }

  @Test("after which the first network of clones has errors translated as ever")
  func laterClones() async throws {
    try await Site.use { site in
      _ = try await site.manager.attach(AttachRequest(vmID: "a"))
      _ = try await reload(site.host)
      _ = try await site.manager.createNetwork(
        NetworkRequest(name: "clones", mode: .clone, snapshot: InnerSite.snapshot))
      #expect(try await site.manager.check() == [])
    }
  }

  /// Networks and guests with all that the ruleset can have, and some traffic; the first guest may do nothing but ping.
  private func furnish(_ inner: InnerSite, _ mode: Network.Mode) async throws -> [StandInGuest] {
    let hasIPv6 = mode != .clone
    _ = try await inner.manager.createNetwork(
      NetworkRequest(
        name: "full", mode: mode,
        subnet6: hasIPv6 ? .prefix(try IPv6Prefix(parsing: "2001:db8:8::/64")) : nil, snapshot: mode.snapshot,
        settings: NetworkSettings(
          egress: EgressPolicy(
            reach: .internet,
            rules: [InnerSite.ping] + (try InnerSite.rules(.allow, "\(Site.server):443/tcp"))
              + (try InnerSite.rules(.deny, "203.0.113.0/24", "203.0.114.1:53/udp"))), hostAccess: .standard,
          allowsInterVM: true)))
    let held = EgressPolicy(reach: EgressPolicy.Reach.nothing, rules: [InnerSite.ping])
    let limits = RateLimit(transmit: 80_000_000, receive: 80_000_000, transmitPackets: 10_000)
    let first = try await inner.manager.attach(
      AttachRequest(
        vmID: "held", network: "full", settings: .init(egress: held, rateLimit: limits, maxConnections: .atMost(100))))
    let second = try await inner.manager.attach(
      AttachRequest(
        vmID: "free", network: "full",
        settings: .init(published: try [PublishedPort](parsing: "8080:80"), maxConnections: .unlimited)))
    let guests = [try await inner.site.boot(first), try await inner.site.boot(second)]
    for guest in guests { #expect(try await guest.ping(Site.server)) }
    return guests
  }

  /// That a datagram does not come out, which a ping after it does.
  private func expectHeld(_ guest: StandInGuest, _ site: Site) async throws {
    let watch = try await PacketSocket(in: site.internet, interface: "isp")
    let datagram = UDPDatagram(from: 40_000, to: 7, payload: [1])
    try guest.send(
      .ipv4(.udp(datagram, from: guest.address, to: Site.server), from: guest.mac, to: try await guest.gatewayMAC()))
    #expect(try await guest.ping(Site.server))
    #expect(await watch.captured { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
    #expect(!watch.captures.takeAll().contains { $0.frame.ipv4?.udp != nil })
  }

  /// - Returns: the listing that was loaded.
  private func reload(_ host: TestNamespace) async throws -> String {
    let listing = try await host.command("nft", "list", "ruleset")
    _ = try await host.command(arguments: ["nft", "-f", "-"], input: "flush ruleset\n" + listing).checked()
    return listing
  }

  /// The words that are in one of the listings only: gone with `-`, new with `+`.
  private func changes(from before: String, to after: String) -> [String] {
    words(after).difference(from: words(before)).map { change in
      switch change {
      case .insert(_, let word, _): "+\(word)"
      case .remove(_, let word, _): "-\(word)"
      }
    }
  }

  /// In no order, as elements of a hash are, and without what passes with time; counts of connections do with those. Of an
  /// element with the set's own timeout, kernels of series 6.1 tell the timeout only if a rule added it.
  private func words(_ listing: String) -> [Substring] {
    listing.replacing(/(\ timeout [0-9a-z]+)?\ expires [0-9a-z]+/, with: "")
      .replacing(/elements = \{[^}]*ct count[^}]*\}/, with: "").split { " \t\n,".contains($0) }.sorted()
  }
}

enum ProtocolLookup {
  /// nft 1.0.6 exchanges the bytes of `meta l4proto`, which is a single one, before it looks for it among ranges; kernels of
  /// series 6.12 refuse that (seen of 6.12.117, EOPNOTSUPP), older ones and 6.18 let it be.
  static func isPossible() async throws -> Bool {
    let rules = """
      add table inet trial
      add set inet trial ranges { type ipv4_addr . inet_proto; flags interval; }
      add chain inet trial trial
      add rule inet trial trial ip saddr . meta l4proto @ranges accept

      """
    return try await withNamespace { try await $0.command(arguments: ["nft", "-f", "-"], input: rules).status == 0 }
  }
}
