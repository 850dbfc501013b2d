import NetTypes

extension SpecialUse {
  /// The addresses that are nobody's on the internet, of IPv6: what is not in 2000::/3, but for NAT64; and in that what
  /// IANA's registry of special-purpose addresses says not to be globally reachable. In order, and without overlaps.
  ///
  /// The ranges for documentation (RFC 3849, RFC 9637) are left out, as with IPv4.
  static let ranges6: [ClosedRange<IPv6Address>] =
    [
      // Up to 64:ff9b::/96, through which NAT64 shows the internet of IPv4 (RFC 6052): loopback, IPv4-mapped.
      range("::", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff")
    ] + translated + [
      // Local NAT64 (RFC 8215), discard-only addresses (RFC 6666), and what is not given out.
      range("64:ff9b::1:0:0", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      // 2001::/23, protocol assignments, Teredo and benchmarks among them; without what is reachable in it: the anycast
      // addresses 2001:1::1 to 2001:1::3, 2001:3::/32 (AMT), 2001:4:112::/48 (AS112), 2001:20::/28 (ORCHIDv2) and
      // 2001:30::/28 (remote identification of drones).
      range("2001::", "2001:1::"),
      range("2001:1::4", "2001:2:ffff:ffff:ffff:ffff:ffff:ffff"),
      range("2001:4::", "2001:4:111:ffff:ffff:ffff:ffff:ffff"),
      range("2001:4:113::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),
      range("2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
      // 6to4, given up (RFC 7526): a host that still has it would lead to private addresses of IPv4.
      range("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      // Not given out; segment routing (5f00::/16), unique local, link-local, site-local and multicast addresses.
      range("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ]

  /// Where clouds answer with their metadata besides. Unique local addresses, which the host reaches like others; a rule
  /// opens them only by a prefix at least as long. Amazon, Google (fd20:ce::254) and Oracle (fd00:c1::a9fe:a9fe) have other
  /// services beside, of the others that one address is known: Scaleway, Akamai (Linode) and Alibaba.
  static let metadata6 = [
    prefix6("fd00:42::42", 128), prefix6("fd00:c1::", 32), prefix6("fd00:100::100:200", 128), prefix6("fd00:ec2::", 32),
    prefix6("fd00:a9fe:a9fe::1", 128), prefix6("fd20:ce::", 32),
  ]

  /// What is never forwarded, whatever a rule says: link-local addresses, and those of IPv4 as NAT64 and 6to4 write them.
  static let linkLocal6 = [prefix6("64:ff9b::a9fe:0", 112), prefix6("2002:a9fe::", 32), prefix6("fe80::", 10)]

  /// What only a rule of a prefix at least as long lets guests through to.
  static let closed: [IPPrefix] = [.v4(linkLocal)] + metadata6.map(IPPrefix.v6)

  /// The special addresses of IPv4 within 64:ff9b::/96.
  private static let translated: [ClosedRange<IPv6Address>] = prefixes.map { prefix in
    let nat64 = UInt128(0x64_ff9b) << 96
    return IPv6Address(
      rawValue: nat64 | UInt128(prefix.address.rawValue))...IPv6Address(
        rawValue: nat64 | UInt128(prefix.lastAddress.rawValue))
  }

  private static func range(_ first: String, _ last: String) -> ClosedRange<IPv6Address> {
    address(first)...address(last)
  }

  private static func prefix6(_ text: String, _ length: Int) -> IPv6Prefix {
    IPv6Prefix(known: address(text), prefixLength: length)
  }

  /// Of a constant of this file; a test reads them all.
  private static func address(_ text: String) -> IPv6Address { IPv6Address(text) ?? IPv6Address(rawValue: 0) }
}

extension SpecialUse {
  /// Whether an address is none of the internet's.
  static func contains(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let address): prefixes.contains { $0.contains(address) }
    case .v6(let address): ranges6.contains { $0.contains(address) }
    }
  }

  /// Whether an address is out of reach where no rule opens it.
  static func isClosed(_ address: IPAddress) -> Bool { closed.contains { $0.contains(address) } }

  /// Whether an address is out of reach, whatever a rule says.
  static func isNeverForwarded(_ address: IPAddress) -> Bool {
    guard case .v6(let address) = address else { return false }
    return linkLocal6.contains { $0.contains(address) }
  }
}
