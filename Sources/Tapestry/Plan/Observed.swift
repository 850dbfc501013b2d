import Linux
import NetTypes

/// What the kernel has, as far as Tapestry is concerned.
struct Observed: Hashable, Sendable {
  /// All links of the host, by name: the names that are taken, and ours.
  var links: [String: ObservedLink] = [:]
  /// Of all tables but RT_TABLE_LOCAL.
  var routes: [ObservedRoute] = []
  /// What the host takes in besides its own addresses: routes of type `local`.
  var localPrefixes: [IPPrefix] = []
  var ruleset: ObservedRuleset = .missing
  /// From which state file the ruleset was made; nil where it does not say, or is not there.
  var stateMark: StateMark?
  var checksumFilter = ChecksumFilterState.unsupported("")
  /// Others' firewalls, as far as they decide on forwarded packets.
  var foreignForwards: [ForeignForward] = []
  /// The tables of iptables-legacy and ip6tables-legacy besides `filter` and `nat` in which something is done with forwarded
  /// packets, in words.
  var otherLegacyTables: [String] = []
  /// Others' translations of addresses.
  var foreignTranslations: [ForeignTranslation] = []
  /// Those that networks need; and where forwarding is off, those that turning it on would change besides.
  var sysctls: [Sysctl: String] = [:]
  var names = ObservedNames()

  /// The MTU for networks that ask for none: what the default routes' links take, so that a VPN's packets, which are
  /// shorter, need not be cut.
  var standardMTU: Int {
    let uplinks = defaultRoutes(.v4).compactMap { $0.link.flatMap(link(index:)) }
    let least = uplinks.map(\.mtu).min() ?? Network.standardMTU
    return max(Network.mtus.lowerBound, min(Network.standardMTU, least))
  }

  func link(index: Int32) -> ObservedLink? { links.values.first { $0.index == index } }
}

struct ObservedLink: Hashable, Sendable {
  var index: Int32
  var name: String
  /// IFLA_INFO_KIND: `bridge`, `tun`; nil for hardware.
  var kind: String?
  var mark: OwnerMark?
  var alternativeNames: [String] = []
  var mac: MACAddress?
  var mtu: Int
  var isUp: Bool
  var master: Int32?
  /// The interface group by which the ruleset knows a guest's TAP; nil where it is in none of ours.
  var group: GuestGroup?
  var isIsolated = false
  /// Learning and flooding of unknown unicast are off, as on every port of ours.
  var isQuiet = false
  /// Frames to 01:80:c2:00:00:0X go by the guard too, instead of past it to the host.
  var forwardsLinkLocalGroups = false
  /// What the bridge does with frames to these MACs, of which this port is the place.
  var entries: [MACAddress: BridgeEntry] = [:]
  /// The link's own addresses, with their prefix lengths.
  var addresses: [IPAddress: Int] = [:]
  /// Single addresses with a route to this link, without a gateway.
  var routedAddresses: Set<IPAddress> = []
  /// Permanent neighbours.
  var neighbors: [IPAddress: MACAddress] = [:]
  /// nil where the link has no IPv6.
  var settings6: Settings6?
  /// Answers ARP for addresses behind other links.
  var answersForOthers = false
  /// Takes packets and ARP only from addresses that are routed to it.
  var isStrict = false
  /// Answers ARP for its own addresses alone.
  var answersForItselfOnly = false
  /// What comes in by it is forwarded, where the host forwards at all.
  var forwards = true
  /// Carries packets from and to 127.0.0.0/8, translated.
  var routesLoopback = false
  /// Whether what comes in by it passes the filter of checksums first.
  var isFiltered = false
  /// How much it sends to the guest, in bytes a second; 0 for a limit that is not set as by us; nil for none.
  var receiveRate: UInt64?
  /// Who may open the TAP without privilege; nil for everybody.
  var owner: TapOwner?
  /// Whether a process has the TAP open.
  var isOpen = false

  /// /proc/sys/net/ipv6/conf/LINK.
  struct Settings6: Hashable, Sendable {
    var forwarding: Int32
    /// `accept_ra`.
    var routers: Int32
    /// `disable_ipv6`: it has no addresses, and takes none.
    var isDisabled = false
  }

  /// Whether Tapestry made it: a bridge with a network's mark, or a TAP with an attachment's. Links of other kinds are
  /// never ours, whatever they are marked with.
  var isOwned: Bool {
    switch mark {
    case .network: kind == "bridge"
    case .attachment: kind == "tun"
    case nil: false
    }
  }
}

/// The interface groups (IFLA_GROUP) of guests' TAPs.
enum GuestGroup: Hashable, Sendable {
  /// Ports of bridges, isolated from each other.
  case bridged
  /// Ports of bridges whose guests may reach each other.
  case shared
  /// TAPs with a route of their own.
  case routed

  init(_ network: Network) {
    switch network.mode {
    case .bridge: self = network.allowsInterVM ? .shared : .bridged
    case .routed, .clone: self = .routed
    }
  }
}

/// What a bridge does with frames to a MAC.
enum BridgeEntry: Hashable, Sendable {
  /// All go to the MAC's port.
  case forwarded
  /// Those of the host go to the port; those from other ports the host takes for its own, and drops.
  case local
}

/// A route of several links is one of these for each.
struct ObservedRoute: Hashable, Sendable {
  /// nil if it leads to no link.
  var link: Int32?
  var destination: IPPrefix
  /// Of type unreachable, prohibit, blackhole or throw.
  var isRefused = false
  /// RT_TABLE_MAIN, or another.
  var table: UInt32 = 254
}

/// The state of the three tables.
enum ObservedRuleset: Hashable, Sendable {
  case missing
  /// A table of our name without our mark.
  case foreign
  /// Ours, but not as this version makes it: rules edited, a set gone, another layout.
  case altered(Ruleset)
  case intact(Ruleset)
}
