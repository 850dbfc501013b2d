import NetTypes

// Addresses that a policy does not open by its reach, or not at all.
extension SpecialUse {
  /// 169.254.0.0/16 (RFC 3927), the range of the clouds' metadata services.
  static let linkLocal = IPv4Prefix(known: IPv4Address(169, 254, 0, 0), prefixLength: 16)

  /// The IPv6 addresses of the clouds' metadata services. They are unique local addresses, which the host reaches like
  /// others. A rule allows them only with a prefix at least as long. Amazon, Google (fd20:ce::254) and Oracle
  /// (fd00:c1::a9fe:a9fe) have other services in the same prefix; of Scaleway, Akamai (Linode) and Alibaba, only the one
  /// address is known.
  static let metadata6 = [
    prefix6("fd00:42::42", 128), prefix6("fd00:c1::", 32), prefix6("fd00:100::100:200", 128), prefix6("fd00:ec2::", 32),
    prefix6("fd00:a9fe:a9fe::1", 128), prefix6("fd20:ce::", 32),
  ]

  /// Addresses that are never forwarded, regardless of rules: link-local addresses, and IPv4 link-local addresses as
  /// embedded by NAT64 and 6to4.
  static let linkLocal6 = [prefix6("64:ff9b::a9fe:0", 112), prefix6("2002:a9fe::", 32), prefix6("fe80::", 10)]

  /// Prefixes that a rule allows only with a prefix at least as long.
  static let closed: [IPPrefix] = [.v4(linkLocal)] + metadata6.map(IPPrefix.v6)

  private static func prefix6(_ text: String, _ length: Int) -> IPv6Prefix {
    // All addresses are constants in this file. A test parses them.
    IPv6Prefix(known: (try? IPv6Address(parsing: text)) ?? IPv6Address(rawValue: 0), prefixLength: length)
  }

  /// Whether an address is blocked unless a rule allows it.
  static func isClosed(_ address: IPAddress) -> Bool { closed.contains { $0.contains(address) } }

  /// Whether an address is blocked regardless of rules.
  static func isNeverForwarded(_ address: IPAddress) -> Bool {
    linkLocal6.contains { IPPrefix($0).contains(address) }
  }

  /// Whether a whole prefix is blocked regardless of rules, or because no host forwards to it.
  static func isNeverForwarded(_ prefix: IPPrefix) -> Bool {
    (linkLocal6.map(IPPrefix.v6) + unforwarded).contains { $0.contains(prefix) }
  }

  /// Loopback, multicast and broadcast addresses, which no host forwards (RFC 1122, RFC 4291).
  private static let unforwarded: [IPPrefix] = [
    .v4(IPv4Prefix(known: IPv4Address(127, 0, 0, 0), prefixLength: 8)),
    .v4(IPv4Prefix(known: IPv4Address(224, 0, 0, 0), prefixLength: 4)),
    .v4(IPv4Prefix(host: IPv4Address(rawValue: .max))), .v6(prefix6("::1", 128)), .v6(prefix6("ff00::", 8)),
  ]
}
