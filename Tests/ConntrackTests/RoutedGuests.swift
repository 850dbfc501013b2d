import TestKit

/// A host that tracks connections, with guests 172.30.0.2 and 172.30.0.3 on one side and 198.51.100.2 on the other.
/// The guests go out by the host's address 198.51.100.1, whose UDP port 8080 is 172.30.0.2's port 53.
struct RoutedGuests {
  let guests: TestNamespace
  let host: TestNamespace
  let outside: TestNamespace

  private static let rules = """
    table inet test {
      chain zones {
        type filter hook output priority raw
        udp dport 7007 ct zone set 7
        udp dport 7009 ct original zone set 9
      }
      chain marks {
        type filter hook forward priority filter
        udp dport 4242 ct mark set 0xfedcba98
      }
      chain published {
        type nat hook prerouting priority dstnat
        iifname "up0" udp dport 8080 dnat ip to 172.30.0.2:53
      }
      chain masqueraded {
        type nat hook postrouting priority srcnat
        oifname "up0" ip saddr 172.30.0.0/24 masquerade
      }
    }
    """

  static func with<Result>(_ body: (RoutedGuests) async throws -> Result) async throws -> Result {
    try await withNamespaces { guests, host, outside in
      try await host.connect(.init("br0", "172.30.0.1/24"), to: guests, .init("eth0", "172.30.0.2/24"))
      try await host.connect(.init("up0", "198.51.100.1/24"), to: outside, .init("eth0", "198.51.100.2/24"))
      try await guests.command("ip", "address", "add", "172.30.0.3/24", "dev", "eth0")
      try await guests.command("ip", "route", "add", "default", "via", "172.30.0.1")
      try await host.command("sysctl", "-qw", "net.ipv4.ip_forward=1")
      try await guests.command("sysctl", "-qw", "net.ipv4.ping_group_range=0 0")
      try await host.command("sysctl", "-qw", "net.ipv4.ping_group_range=0 0")
      try await host.command("ip", "address", "add", "2001:db8::1/64", "dev", "up0", "nodad")
      try await outside.command("ip", "address", "add", "2001:db8::2/64", "dev", "eth0", "nodad")
      _ = try await host.command(arguments: ["nft", "-f", "-"], input: rules).checked()
      return try await body(RoutedGuests(guests: guests, host: host, outside: outside))
    }
  }

  /// A datagram from one address to another, and one back.
  func exchange(
    from client: (TestNamespace, String), to server: (TestNamespace, String), port: UInt16,
    addressed: (String, UInt16)? = nil
  ) async throws {
    let listening = try await server.0.socket(.udp, server.1, port: port)
    let asking = try await client.0.socket(.udp, client.1)
    let (address, port) = addressed ?? (server.1, port)
    try asking.send(to: address, port: port)
    try await onOwnThread {
      try listening.answer()
      try asking.receive()
    }
  }
  /// Connections of every kind: twelve.
  func makeFlows() async throws {
    try await exchange(from: (guests, "172.30.0.2"), to: (outside, "198.51.100.2"), port: 5300)
    try await exchange(
      from: (outside, "198.51.100.2"), to: (guests, "172.30.0.2"), port: 53, addressed: ("198.51.100.1", 8080))
    try await exchange(from: (host, "172.30.0.1"), to: (guests, "172.30.0.2"), port: 2222)
    try await exchange(from: (host, "172.30.0.1"), to: (guests, "172.30.0.3"), port: 2222)
    try await guests.socket(.udp, "172.30.0.3").send(to: "198.51.100.2", port: 4242)
    try await guests.socket(.raw(253), "172.30.0.2").send(to: "198.51.100.2")
    for port: UInt16 in [7007, 7009] {
      try await host.socket(.udp, "198.51.100.1").send(to: "198.51.100.2", port: port)
    }
    let ping = try await guests.socket(.ping, "172.30.0.2")
    try ping.send([8, 0, 0, 0, 0, 0, 0, 1], to: "198.51.100.2")
    let ping6 = try await host.socket(.ping, "2001:db8::1")
    try ping6.send([128, 0, 0, 0, 0, 0, 0, 1], to: "2001:db8::2")
    try await onOwnThread {
      try ping.receive()
      try ping6.receive()
    }
    try await exchange(from: (host, "2001:db8::1"), to: (outside, "2001:db8::2"), port: 53)
    try await host.socket(.udp, "2001:db8::1").send(to: "2001:db8::2", port: 54)
  }
}
