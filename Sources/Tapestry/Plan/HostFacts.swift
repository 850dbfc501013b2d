import NetTypes

/// What of a host matters to guests' networks besides what `Observed` tells.
struct HostFacts: Hashable, Sendable {
  /// Whether the process has CAP_NET_ADMIN.
  var mayAdminister = false
  /// Why /dev/net/tun cannot be opened; nil where it can.
  var tunFailure: String?
  /// Why guests' checksums cannot be filtered; nil where they can.
  var checksumFilterFailure: String?
  var rehearsal = Rehearsal.notHeld("")
  /// `net.bridge.bridge-nf-call-iptables`; nil without br_netfilter.
  var bridgeNetfilter: String?
  /// Entries of connection tracking, and how many there is room for; nil without it.
  var connections: Usage?
  /// Where dnsmasq is; nil where it is not installed.
  var nameServerProgram: String?
  /// The links of the default routes.
  var uplinks: [Uplink] = []

  /// Whether all that networks need could be made in a namespace of its own.
  enum Rehearsal: Hashable, Sendable {
    case succeeded
    /// With what the kernel refused.
    case failed([String])
    /// With the reason why it could not be tried.
    case notHeld(String)
  }

  struct Usage: Hashable, Sendable {
    var count: Int
    var limit: Int
  }

  struct Uplink: Hashable, Sendable {
    var name: String
    /// In bytes.
    var mtu: Int
    /// 0 off, 1 strict, 2 loose (RFC 3704): the larger of the link's own setting and that of all.
    var reversePathFilter = 0
  }
}
