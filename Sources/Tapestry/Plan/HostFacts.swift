import NetTypes

/// What matters about a host to guests' networks and is not in `Observed`.
struct HostFacts: Hashable, Sendable {
  /// Whether the process has CAP_NET_ADMIN.
  var mayAdminister = false
  /// Why /dev/net/tun cannot be opened; nil if it can.
  var tunFailure: String?
  /// Why guests' checksums cannot be filtered; nil if they can.
  var checksumFilterFailure: String?
  var rehearsal = Rehearsal.notHeld("")
  /// Whether the kernel rejects the tables as nft 1.0.6 loads them from its own listing.
  var refusesListing = false
  /// Whether /etc/nftables.conf contains such a listing.
  var keepsTables = false
  /// `net.bridge.bridge-nf-call-iptables`; nil without br_netfilter.
  var bridgeNetfilter: String?
  /// The number of conntrack entries and their limit; nil without connection tracking.
  var connections: Usage?
  /// The path of dnsmasq; nil if it is not installed.
  var nameServerProgram: String?
  /// The first port that can be bound without privilege: `net.ipv4.ip_unprivileged_port_start`.
  var firstUnprivilegedPort = 1024
  /// The links of the default routes.
  var uplinks: [Uplink] = []
  /// The rules that choose the routing table for packets.
  var routingRules: [RoutingRule] = []

  /// Services that networks offer and that foreign chains at the hook input drop for guests.
  var closedServices: [ClosedService] = []

  struct ClosedService: Hashable, Sendable {
    var network: Identifier
    var service: Kind
    var family: IPFamily
    var chain: ForeignChain
    var from: Origin

    /// How guests' packets are recognised.
    enum Origin: Hashable, Sendable {
      case link(String)
      /// nil: any address.
      case addresses(IPPrefix?)
    }

    enum Kind: Hashable, Sendable { case ping, dns, dhcp, neighbors, routers }
  }

  /// Whether everything that networks need could be made in a separate namespace.
  enum Rehearsal: Hashable, Sendable {
    case succeeded
    /// What the kernel refused.
    case failed([TapestryError])
    /// Why it could not be tried.
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
    /// 0 off, 1 strict, 2 loose (RFC 3704): the larger of the link's own setting and that of `all`.
    var reversePathFilter = 0
    /// Whether packets received on it are forwarded: `net.ipv4.conf.LINK.forwarding`.
    var forwards = true
  }

  /// A policy routing rule: ip-rule(8).
  struct RoutingRule: Hashable, Sendable {
    var family = IPFamily.v4
    var priority: UInt32
    /// nil: any.
    var source: IPPrefix?
    var destination: IPPrefix?
    var inputLink: String?
    /// Whether the rule matches packets whose mark differs from the given one.
    var isInverted = false
    /// Whether the rule has further conditions, so that it is unknown whose packets it matches.
    var isConditional = false
    /// nil if the rule drops packets.
    var table: UInt32?
    /// Routes with a prefix of this length or shorter are ignored (`suppress_prefixlength`).
    var suppressed: Int?
  }
}
