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
  var port: UInt16 {
    switch self {
    case .server: 53
    case .exact: 5301
    case .below: 5302
    }
  }

  static let resolverPorts = [exact.port, below.port]
}
