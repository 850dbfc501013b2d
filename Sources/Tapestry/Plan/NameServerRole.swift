/// The dnsmasqs of one network: the one that its guests ask, and two that this one asks about domains that policies allow.
///
/// These put what they find into the sets of the domains. There are two, because dnsmasq knows no difference between a
/// name and those below it when it chooses a set; it does when it chooses whom to ask.
enum NameServerRole: String, Hashable, Sendable, CaseIterable {
  /// Each is called by the name of its process's file.
  case server = "pid"
  /// Asked about names themselves.
  case exact = "exact.pid"
  /// Asked about names below others.
  case below = "below.pid"

  /// At the gateway's address; nobody but the host reaches those of the latter two.
  ///
  /// All three take root to be listened at: dnsmasq shares its ports (SO_REUSEADDR), and whoever came beside it would be
  /// asked instead. 301 to 307 are nobody's at IANA, of neither UDP nor TCP (Service Name and Transport Protocol Port Number
  /// Registry of 2025-08-15), and below those that clients of NFS and rsh take (512 to 1023, bindresvport(3)).
  var port: UInt16 {
    switch self {
    case .server: 53
    case .exact: 301
    case .below: 302
    }
  }

  static let resolverPorts = [exact.port, below.port]
}
