/// The dnsmasq processes of one network: the one that guests query, and two that it queries about domains that policies
/// allow.
///
/// These two put the addresses that they find into the domains' sets. There are two because dnsmasq does not distinguish a
/// name from names below it when it chooses a set, but does when it chooses an upstream.
enum NameServerRole: String, Hashable, Sendable, CaseIterable {
  /// The raw value is the name of the process's pid file.
  case server = "pid"
  /// Resolves the allowed names themselves.
  case exact = "exact.pid"
  /// Resolves names below allowed names.
  case below = "below.pid"

  /// The port at the gateway's address. Only the host reaches the latter two.
  ///
  /// Binding any of the three needs root. dnsmasq shares its ports (SO_REUSEADDR), so another program that bound the same
  /// port would get the queries. IANA assigns 301 to 307 to nothing, neither for UDP nor TCP (Service Name and Transport
  /// Protocol Port Number Registry of 2025-08-15). They are below the ports that NFS and rsh clients use (512 to 1023,
  /// bindresvport(3)).
  var port: UInt16 {
    switch self {
    case .server: 53
    case .exact: 301
    case .below: 302
    }
  }

  static let resolverPorts = [exact.port, below.port]
}
