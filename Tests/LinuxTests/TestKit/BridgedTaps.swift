import NetTypes
import TestKit

/// A hand-made bridge `br0`, 172.30.0.1/24, with TAPs on it.
struct BridgedTaps {
  static let gateway = IPv4Address(172, 30, 0, 1)

  let host: TestNamespace

  init(_ host: TestNamespace, taps: [String]) async throws {
    self.host = host
    try await host.command("ip", "link", "add", "br0", "type", "bridge")
    try await host.command("ip", "address", "add", "\(Self.gateway)/24", "dev", "br0")
    try await host.command("ip", "link", "set", "br0", "up")
    for tap in taps {
      try await host.command("ip", "tuntap", "add", tap, "mode", "tap")
      try await host.command("ip", "link", "set", tap, "master", "br0", "up")
    }
  }

  static func address(_ number: UInt8) -> IPv4Address { IPv4Address(172, 30, 0, number) }

  static func mac(_ number: UInt8) -> MACAddress { MACAddress(0x02, 0, 0, 0, 0, number) }

  /// A guest of address 172.30.0.`number` and MAC 02:00:00:00:00:`number`.
  func guest(_ tap: String, _ number: UInt8, vnetHeader: Bool = false) async throws -> StandInGuest {
    try await StandInGuest(
      in: host, tap: tap, mac: Self.mac(number), address: Self.address(number), gateway: Self.gateway,
      vnetHeader: vnetHeader)
  }

  /// Joins the host to `internet` by 198.51.100.0/24 and lets it forward.
  func connect(to internet: TestNamespace) async throws {
    try await host.connect(.init("uplink", "198.51.100.1/24"), to: internet, .init("isp", "198.51.100.2/24"))
    try await host.command("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    try await internet.command("ip", "route", "add", "172.30.0.0/24", "via", "198.51.100.1")
  }
}
