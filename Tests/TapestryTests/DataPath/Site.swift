import Linux
import NetTypes
import Tapestry
import TestKit
import Testing

/// A host whose uplink leads to a namespace that stands for the internet, in both families, and a manager for its guests.
///
/// The host has default routes, and the internet some back to the guests: what does not pass is kept from passing by
/// Tapestry, not by the lack of a way.
struct Site {
  static let hostAddress = IPv4Address(198, 51, 100, 1)
  static let server = IPv4Address(198, 51, 100, 2)
  static let hostAddress6: IPv6Address = "2001:db8:1::1"
  static let server6: IPv6Address = "2001:db8:1::2"
  /// The first network's.
  static let gateway = IPv4Address(172, 30, 0, 1)
  static let subnet: IPv4Subnet = "172.30.0.0/24"
  /// That of guests where it is not drawn.
  static let prefix6: IPv6Prefix = "2001:db8:7::/64"
  static let metadata = IPv4Address(169, 254, 169, 254)

  let rig: Rig
  let internet: TestNamespace

  var host: TestNamespace { rig.namespace }
  var manager: NetworkManager { rig.manager }

  /// The host's address on its uplink.
  static func hostIP(_ family: IPFamily) -> IPAddress { family == .v4 ? .v4(hostAddress) : .v6(hostAddress6) }
  /// That of the internet's end.
  static func serverIP(_ family: IPFamily) -> IPAddress { family == .v4 ? .v4(server) : .v6(server6) }

  static func use(_ body: (Site) async throws -> Void) async throws {
    try await Rig.use { rig in
      try await withNamespace { internet in
        let host = rig.namespace
        try await host.connect(
          .init("uplink", "\(hostAddress)/24"), to: internet, .init("isp", "\(server)/24"))
        try await host.command(
          "sh", "-ec",
          """
          ip route add default via \(server)
          ip address add \(hostAddress6)/64 dev uplink nodad
          ip -6 route add default via \(server6)
          """)
        try await internet.command(
          "sh", "-ec",
          """
          ip route add 172.30.0.0/16 via \(hostAddress)
          ip address add \(server6)/64 dev isp nodad
          ip -6 route add default via \(hostAddress6)
          """)
        try await body(Site(rig: rig, internet: internet))
      }
    }
  }

  /// Attaches a VM, and starts a stand-in for it that has its TAP.
  func guest(
    _ vm: Identifier, in network: Identifier = "default", ip: IPv4Address? = nil
  ) async throws -> StandInGuest {
    try await boot(try await self.manager.attach(AttachRequest(vmID: vm, network: network, ip: ip)))
  }

  func boot(_ made: Tapestry.Attachment, vnetHeader: Bool = false) async throws -> StandInGuest {
    try await Self.onceFree {
      try await StandInGuest(
        in: host, tap: made.tapName.rawValue, mac: made.mac, address: made.guestIP, prefixLength: made.prefixLength,
        gateway: made.gatewayIP, ipv6: made.ipv6, vnetHeader: vnetHeader)
    }
  }

  /// Starts a guest with a whole network stack that has the TAP.
  /// - Parameter knowsIPv6: Whether it is configured with IPv6 and the MTU, or has to find them out.
  func bootStack(_ made: Tapestry.Attachment, knowsIPv6: Bool = true) async throws -> NamespaceGuest {
    try await Self.onceFree {
      try await NamespaceGuest(
        host: host, tap: made.tapName.rawValue, mac: made.mac, address: made.guestIP, prefixLength: made.prefixLength,
        gateway: made.gatewayIP, mtu: knowsIPv6 ? made.mtu : Network.standardMTU, ipv6: knowsIPv6 ? made.ipv6 : nil)
    }
  }

  /// Another test may just have forked a child, which holds a copy of the library's descriptor until it executes.
  private static func onceFree<Guest>(_ start: () async throws -> Guest) async throws -> Guest {
    let deadline = ContinuousClock.now + .patience
    while true {
      do { return try await start() } catch let error as KernelError
        where error.errno == .busy && ContinuousClock.now < deadline
      {
        try await Task.sleep(for: .milliseconds(1))
      }
    }
  }

  /// Two guests of one network.
  func guests(in network: Identifier = "default") async throws -> (StandInGuest, StandInGuest) {
    let a = try await manager.attach(AttachRequest(vmID: "a-\(network)", network: network))
    let b = try await manager.attach(AttachRequest(vmID: "b-\(network)", network: network))
    // At once: the kernel takes up to a second to see the carrier of each.
    async let first = boot(a)
    async let second = boot(b)
    return try await (first, second)
  }
}

extension Tapestry.Attachment {
  /// Its guest's address of a family; nil where the network has no IPv6.
  func guestAddress(_ family: IPFamily) -> IPAddress? { family == .v4 ? .v4(guestIP) : guestIP6.map { .v6($0) } }

  /// What its guest is to be configured with; nil where the network has no IPv6.
  var ipv6: IPv6Configuration? {
    guard let guestIP6, let prefixLength6, let gatewayIP6 else { return nil }
    return IPv6Configuration(address: guestIP6, prefixLength: prefixLength6, gateway: gatewayIP6)
  }
}

extension StandInGuest {
  /// The MAC of the guest's gateway.
  func gatewayMAC() async throws -> MACAddress {
    let gateway = try #require(gateway)
    return try #require(try await resolve(gateway))
  }
}
