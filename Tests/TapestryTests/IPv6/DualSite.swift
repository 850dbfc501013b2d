import NetTypes
import Tapestry
import TestKit
import Testing

/// A `Site` whose uplink has IPv6 too, with a network `inner` that has it.
///
/// The host has a default route, and the internet one back to the guests: what does not pass is kept from passing by
/// Tapestry, not by the lack of a way.
struct DualSite {
  let site: Site
  let network: Network

  static let hostAddress = address("2001:db8:1::1")
  static let server = address("2001:db8:1::2")
  static let prefix = (try? IPv6Prefix(parsing: "2001:db8:7::/64")) ?? IPv6Prefix(host: hostAddress)
  /// All modes that have IPv6.
  static let modes: [Network.Mode] = [.bridge, .routed]

  static func address(_ text: String) -> IPv6Address { (try? IPv6Address(parsing: text)) ?? IPv6Address(rawValue: 0) }

  var manager: NetworkManager { site.manager }
  /// The host's own address in the guests' prefix.
  var hostAddress: IPv6Address { network.hostAddress6 ?? Self.hostAddress }

  static func use(
    _ mode: Network.Mode = .bridge, subnet6: Subnet6Request = .prefix(prefix), nat6: Bool? = nil,
    allowsInterVM: Bool = false, mtu: Int? = nil, nameServer: NameServer? = nil,
    _ body: (DualSite) async throws -> Void
  ) async throws {
    try await Site.use { site in
      try await addIPv6(to: site)
      let network = try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", mode: mode, mtu: mtu, subnet6: subnet6, nat6: nat6,
          settings: NetworkSettings(allowsInterVM: allowsInterVM, nameServer: nameServer)))
      try await body(DualSite(site: site, network: network))
    }
  }

  static func addIPv6(to site: Site) async throws {
    for (namespace, link, own, other) in [
      (site.host, "uplink", hostAddress, server), (site.internet, "isp", server, hostAddress),
    ] {
      try await namespace.command("ip", "address", "add", "\(own)/64", "dev", link, "nodad")
      try await namespace.command("ip", "-6", "route", "add", "default", "via", "\(other)")
    }
    // So that no packet has to wait for an answer.
    _ = try? await TCPConnection(from: site.host, to: Endpoint(server, 9))
  }

  func attach(_ vm: Identifier) async throws -> Tapestry.Attachment {
    try await manager.attach(AttachRequest(vmID: vm, network: "inner"))
  }

  func guest(_ vm: Identifier) async throws -> StandInGuest { try await site.boot(try await attach(vm)) }

  func forger(_ guest: StandInGuest, neighbor: StandInGuest? = nil) async throws -> Forger {
    try await Forger(guest, neighbor: neighbor ?? guest)
  }

  /// Sends frames, and tells which of them came to the uplink: all that will have come when the answer to a ping that was
  /// sent after them is seen there.
  func escaped(_ forgeries: [Forgery], from guest: StandInGuest) async throws -> Set<String> {
    let watch = try await PacketSocket(in: site.host, interface: "uplink")
    for forgery in forgeries { try guest.send(forgery.frame) }
    #expect(try await guest.ping(Site.server))
    #expect(
      await watch.captured(within: .patience) { $0.frame.ipv4?.icmp?.type == ICMPMessage.echoReply } != nil)
    let seen = Set(watch.captures.takeAll().compactMap { Mark(in: $0.frame.payload) })
    return Set(forgeries.filter { seen.contains($0.mark) }.map(\.name))
  }

  /// Sends frames, and expects those of these names at the uplink, and no others.
  func expect(
    _ forgeries: [Forgery], from guest: StandInGuest, letThrough names: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let (seen, wanted) = (try await escaped(forgeries, from: guest), Set(names))
    #expect(seen.subtracting(wanted) == [], "these got out", sourceLocation: sourceLocation)
    #expect(wanted.subtracting(seen) == [], "these were kept back", sourceLocation: sourceLocation)
  }

  /// An echo request of IPv4 to the server always passes: what tells that all before it has passed.
  static let ping = TrafficRule(.allow, Traffic(to: .init(host: Site.server), protocols: 1...1))

  static func rules(_ verdict: TrafficRule.Verdict, _ texts: String...) throws -> [TrafficRule] {
    try texts.flatMap([Traffic].init(parsing:)).map { TrafficRule(verdict, $0) }
  }
}

extension Forger.Identity {
  /// What its interface makes of the site's prefix.
  var global: IPv6Address { DualSite.prefix.address(of: mac) ?? DualSite.hostAddress }
  var linkLocal: IPv6Address { .linkLocal(of: mac) }
}
