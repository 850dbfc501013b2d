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
  /// Whether the kernel refuses what nft 1.0.6 makes of its own listing of the tables.
  var refusesListing = false
  /// Whether /etc/nftables.conf has such a listing.
  var keepsTables = false
  /// `net.bridge.bridge-nf-call-iptables`; nil without br_netfilter.
  var bridgeNetfilter: String?
  /// Entries of connection tracking, and how many there is room for; nil without it.
  var connections: Usage?
  /// Where dnsmasq is; nil where it is not installed.
  var nameServerProgram: String?
  /// The first port that takes no root to listen at: `net.ipv4.ip_unprivileged_port_start`.
  var firstUnprivilegedPort = 1024
  /// The links of the default routes.
  var uplinks: [Uplink] = []
  /// Those that say which routing table packets are looked up in.
  var routingRules: [RoutingRule] = []

  /// What others' chains at the hook input keep from guests, of what their networks offer.
  var closedServices: [ClosedService] = []

  struct ClosedService: Hashable, Sendable {
    var network: Identifier
    var service: Kind
    var family: IPFamily
    var chain: ForeignChain
    var from: Origin

    /// What tells the guests' packets.
    enum Origin: Hashable, Sendable {
      case link(String)
      /// nil for whatever they have.
      case addresses(IPPrefix?)
    }

    enum Kind: Hashable, Sendable { case ping, dns, dhcp, neighbors, routers }
  }

  /// Whether all that networks need could be made in a namespace of its own.
  enum Rehearsal: Hashable, Sendable {
    case succeeded
    /// With what the kernel refused.
    case failed([TapestryError])
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
    /// Whether what comes in by it is forwarded: `net.ipv4.conf.LINK.forwarding`.
    var forwards = true
  }

  /// ip-rule(8).
  struct RoutingRule: Hashable, Sendable {
    var family = IPFamily.v4
    var priority: UInt32
    /// nil: any.
    var source: IPPrefix?
    var destination: IPPrefix?
    var inputLink: String?
    /// Whether it is for those with another mark than the one that it asks for.
    var isInverted = false
    /// Whether it asks for more than that, so that it cannot be told whose packets it is for.
    var isConditional = false
    /// nil where it drops.
    var table: UInt32?
    /// Routes of this length, and shorter ones, are passed over.
    var suppressed: Int?
  }
}
