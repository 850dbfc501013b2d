import NetTypes

/// An entry of IANA's special-purpose address registries.
struct SpecialPurpose: Hashable, Sendable {
  var prefix: IPPrefix
  /// The registry's name for it.
  var name: String
  /// The RFC that defines it.
  var rfc: Int
  /// The registry's column "Globally Reachable".
  var reach: Reach
  /// Whether guests with `--egress internet` may reach it, although no host has such an address.
  var isLeftOpen = false

  enum Reach: Hashable, Sendable {
    case global
    case local
    /// No entry, or not applicable: deprecated, or the prefix embeds other addresses.
    case unsaid
  }

  /// Whether `--egress internet` allows it.
  var isOpen: Bool { reach == .global || isLeftOpen }
}

extension SpecialPurpose {
  /// The date of the registries that these tables were taken from.
  static let date = "2025-10-09"

  /// IANA IPv4 Special-Purpose Address Registry, by address.
  static let registry4 = [
    entry("0.0.0.0", 8, "\"This network\"", 791, .local),
    entry("0.0.0.0", 32, "\"This host on this network\"", 1122, .local),
    entry("10.0.0.0", 8, "Private-Use", 1918, .local),
    entry("100.64.0.0", 10, "Shared Address Space", 6598, .local),
    entry("127.0.0.0", 8, "Loopback", 1122, .local),
    entry("169.254.0.0", 16, "Link Local", 3927, .local),
    entry("172.16.0.0", 12, "Private-Use", 1918, .local),
    entry("192.0.0.0", 24, "IETF Protocol Assignments", 6890, .local),
    entry("192.0.0.0", 29, "IPv4 Service Continuity Prefix", 7335, .local),
    entry("192.0.0.8", 32, "IPv4 dummy address", 7600, .local),
    entry("192.0.0.9", 32, "Port Control Protocol Anycast", 7723, .global),
    entry("192.0.0.10", 32, "Traversal Using Relays around NAT Anycast", 8155, .global),
    entry("192.0.0.170", 32, "NAT64/DNS64 Discovery", 8880, .local),
    entry("192.0.0.171", 32, "NAT64/DNS64 Discovery", 8880, .local),
    entry("192.0.2.0", 24, "Documentation (TEST-NET-1)", 5737, .local),
    entry("192.31.196.0", 24, "AS112-v4", 7535, .global),
    entry("192.52.193.0", 24, "AMT", 7450, .global),
    entry("192.88.99.0", 24, "Deprecated (6to4 Relay Anycast)", 7526, .unsaid),
    entry("192.88.99.2", 32, "6a44-relay anycast address", 6751, .local),
    entry("192.168.0.0", 16, "Private-Use", 1918, .local),
    entry("192.175.48.0", 24, "Direct Delegation AS112 Service", 7534, .global),
    entry("198.18.0.0", 15, "Benchmarking", 2544, .local),
    entry("198.51.100.0", 24, "Documentation (TEST-NET-2)", 5737, .local, leftOpen: true),
    entry("203.0.113.0", 24, "Documentation (TEST-NET-3)", 5737, .local, leftOpen: true),
    entry("240.0.0.0", 4, "Reserved", 1112, .local),
    entry("255.255.255.255", 32, "Limited Broadcast", 8190, .local),
  ]

  /// IANA IPv6 Special-Purpose Address Registry, by address.
  static let registry6 = [
    entry("::", 128, "Unspecified Address", 4291, .local),
    entry("::1", 128, "Loopback Address", 4291, .local),
    entry("::ffff:0:0", 96, "IPv4-mapped Address", 4291, .local),
    entry("64:ff9b::", 96, "IPv4-IPv6 Translat.", 6052, .global),
    entry("64:ff9b:1::", 48, "IPv4-IPv6 Translat.", 8215, .local),
    entry("100::", 64, "Discard-Only Address Block", 6666, .local),
    entry("100:0:0:1::", 64, "Dummy IPv6 Prefix", 9780, .local),
    entry("2001::", 23, "IETF Protocol Assignments", 2928, .local),
    entry("2001::", 32, "TEREDO", 4380, .unsaid),
    entry("2001:1::1", 128, "Port Control Protocol Anycast", 7723, .global),
    entry("2001:1::2", 128, "Traversal Using Relays around NAT Anycast", 8155, .global),
    entry("2001:1::3", 128, "DNS-SD Service Registration Protocol Anycast", 9665, .global),
    entry("2001:2::", 48, "Benchmarking", 5180, .local),
    entry("2001:3::", 32, "AMT", 7450, .global),
    entry("2001:4:112::", 48, "AS112-v6", 7535, .global),
    entry("2001:10::", 28, "Deprecated (previously ORCHID)", 4843, .unsaid),
    entry("2001:20::", 28, "ORCHIDv2", 7343, .global),
    entry("2001:30::", 28, "Drone Remote ID Protocol Entity Tags (DETs) Prefix", 9374, .global),
    entry("2001:db8::", 32, "Documentation", 3849, .local, leftOpen: true),
    // A host that still has 6to4 would forward to private IPv4 addresses.
    entry("2002::", 16, "6to4", 3056, .unsaid),
    entry("2620:4f:8000::", 48, "Direct Delegation AS112 Service", 7534, .global),
    entry("3fff::", 20, "Documentation", 9637, .local),
    entry("5f00::", 16, "Segment Routing (SRv6) SIDs", 9602, .local),
    entry("fc00::", 7, "Unique-Local", 4193, .local),
    entry("fe80::", 10, "Link-Local Unicast", 4291, .local),
  ]

  /// From other IANA registries: IPv4 Multicast Address Space, and Internet Protocol Version 6 Address Space, where only
  /// 2000::/3 is allocated. By address.
  static let others = [
    entry("224.0.0.0", 4, "Multicast", 5771, .local),
    entry("::", 3, "Reserved by IETF", 4291, .unsaid),
    entry("4000::", 2, "Reserved by IETF", 4291, .unsaid),
    entry("8000::", 1, "Reserved by IETF", 4291, .unsaid),
    entry("ff00::", 8, "Multicast", 4291, .local),
  ]

  /// - Parameter leftOpen: No host has these addresses, so allowing them is harmless. Tests, Tapestry's and its users', use
  ///   them in place of internet addresses, which tests must not send to.
  private static func entry(
    _ address: String, _ length: Int, _ name: String, _ rfc: Int, _ reach: Reach, leftOpen: Bool = false
  ) -> SpecialPurpose {
    // All addresses are constants in this file. A test parses them.
    let known = (try? IPAddress(parsing: address)) ?? IPAddress(.v6, number: 0)
    return SpecialPurpose(
      prefix: IPPrefix(known: known, prefixLength: length), name: name, rfc: rfc, reach: reach, isLeftOpen: leftOpen)
  }
}
