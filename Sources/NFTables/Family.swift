/// An address family of nf_tables: which packets a table sees. `NFPROTO_` of linux/netfilter.h.
public enum Family: UInt8, Hashable, Sendable, CaseIterable, CustomStringConvertible {
  /// IPv4 and IPv6 together.
  case inet = 1
  case ip = 2
  case arp = 3
  /// Frames as a device takes them in or sends them out.
  case netdev = 5
  /// Frames that cross a bridge.
  case bridge = 7
  case ip6 = 10

  /// The word that nft(8) uses: `inet`.
  public var description: String {
    switch self {
    case .inet: "inet"
    case .ip: "ip"
    case .arp: "arp"
    case .netdev: "netdev"
    case .bridge: "bridge"
    case .ip6: "ip6"
    }
  }
}
