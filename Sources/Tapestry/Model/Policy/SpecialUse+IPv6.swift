import NetTypes

extension SpecialUse {
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

  private static func prefix6(_ text: String, _ length: Int) -> IPv6Prefix {
    // Of constants of this file, which a test reads.
    IPv6Prefix(known: (try? IPv6Address(parsing: text)) ?? IPv6Address(rawValue: 0), prefixLength: length)
  }
}

extension SpecialUse {
  /// Whether an address is out of reach where no rule opens it.
  static func isClosed(_ address: IPAddress) -> Bool { closed.contains { $0.contains(address) } }

  /// Whether an address is out of reach, whatever a rule says.
  static func isNeverForwarded(_ address: IPAddress) -> Bool {
    guard case .v6(let address) = address else { return false }
    return linkLocal6.contains { $0.contains(address) }
  }

  /// Whether all of a prefix is out of reach, whatever a rule says: also by what every host does.
  static func isNeverForwarded(_ prefix: IPPrefix) -> Bool {
    (linkLocal6.map(IPPrefix.v6) + unforwarded).contains { $0.contains(prefix) }
  }

  /// The host itself, and groups of hosts (RFC 1122, RFC 4291).
  private static let unforwarded: [IPPrefix] = [
    .v4(IPv4Prefix(known: IPv4Address(127, 0, 0, 0), prefixLength: 8)),
    .v4(IPv4Prefix(known: IPv4Address(224, 0, 0, 0), prefixLength: 4)),
    .v4(IPv4Prefix(host: IPv4Address(rawValue: .max))), .v6(prefix6("::1", 128)), .v6(prefix6("ff00::", 8)),
  ]
}
