import NetTypes
import Tapestry
import TestKit
import Testing

/// A `Site` with a network whose guests' TAPs are routed.
struct RoutedSite {
  let site: Site
  let network: Network

  static let snapshot = SnapshotIdentity(
    address: IPv4Address(192, 168, 77, 2),
    subnet: (try? IPv4Subnet(parsing: "192.168.77.0/24")) ?? Network.defaultSubnet,
    mac: MACAddress(0x02, 0, 0, 0, 0x77, 2))

  static func use(
    _ mode: Network.Mode = .routed, nat: Bool = true, allowsInterVM: Bool = false,
    _ body: (RoutedSite) async throws -> Void
  ) async throws {
    try await Site.use { site in
      let network = try await site.manager.createNetwork(
        NetworkRequest(
          name: "inner", mode: mode,
          snapshot: mode == .clone ? snapshot : nil, settings: NetworkSettings(allowsInterVM: allowsInterVM, nat: nat)))
      try await body(RoutedSite(site: site, network: network))
    }
  }

  func attach(_ vm: Identifier) async throws -> Tapestry.Attachment {
    try await site.manager.attach(AttachRequest(vmID: vm, network: "inner"))
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

  /// Takes away all that stands between a routed TAP and the host's forwarding.
  func lower(_ tapName: String) async throws {
    for family in ["arp", "inet"] { try await site.host.command("nft", "delete", "table", family, "tapestry") }
    for setting in ["rp_filter", "arp_filter"] {
      try await site.host.command("sysctl", "-q", "-w", "net.ipv4.conf.\(tapName).\(setting)=0")
    }
  }
}
