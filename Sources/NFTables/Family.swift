/// The address family of a table, which determines the packets that it sees: NFPROTO_ of linux/netfilter.h. The
/// cases' names are the keywords of nft(8).
public enum Family: UInt8, Hashable, Sendable {
  /// IPv4 and IPv6.
  case inet = 1
  /// IPv4.
  case ip = 2
  /// ARP.
  case arp = 3
  /// Frames on ingress or egress of a device.
  case netdev = 5
  /// Frames that traverse a bridge.
  case bridge = 7
  /// IPv6.
  case ip6 = 10
}
