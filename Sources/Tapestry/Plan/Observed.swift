import Linux
import NetTypes

/// What the kernel has, as far as it concerns Tapestry.
package struct Observed: Hashable, Sendable {
  /// All links of the host, by name: foreign ones, whose names are taken, and ours.
  var links: [String: ObservedLink] = [:]
  /// The routes of all tables except RT_TABLE_LOCAL.
  var routes: [ObservedRoute] = []
  /// Prefixes that the host accepts locally in addition to its own addresses: routes of type `local`.
  var localPrefixes: [IPPrefix] = []
  var ruleset: ObservedRuleset = .missing
  /// The state file that the ruleset was made from; nil if the ruleset does not say or does not exist.
  var stateMark: StateMark?
  var checksumFilter = ChecksumFilterState.unsupported("")
  /// Foreign chains that decide on forwarded packets.
  var foreignForwards: [ForeignForward] = []
  /// Foreign NAT chains.
  var foreignTranslations: [ForeignTranslation] = []
  /// The sysctls that networks need. If forwarding is off, also those that turning it on would change.
  var sysctls: [Sysctl: String] = [:]
  var names = ObservedNames()

  /// The MTU of networks that do not ask for one: that of the default routes' links. A VPN has a smaller MTU, and
  /// this avoids fragmenting its packets.
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
  /// The interface group by which the ruleset recognises a guest's TAP; nil if it is none of ours.
  var group: GuestGroup?
  var isIsolated = false
  /// Learning and flooding of unknown unicast are off, as on each of our ports.
  var isQuiet = false
  /// Frames to 01:80:c2:00:00:0X pass the guard too, instead of going directly to the host.
  var forwardsLinkLocalGroups = false
  /// How the bridge handles frames to the MACs behind this port.
  var entries: [MACAddress: BridgeEntry] = [:]
  /// The link's own addresses, with their prefix lengths.
  var addresses: [IPAddress: Int] = [:]
  /// Destinations of host routes (a single address, no gateway) on this link.
  var routedAddresses: Set<IPAddress> = []
  /// Permanent neighbour entries.
  var neighbors: [IPAddress: MACAddress] = [:]
  /// nil if the link has no IPv6.
  var settings6: Settings6?
  /// Answers ARP for addresses behind other links (proxy ARP).
  var answersForOthers = false
  /// Accepts packets and ARP only from addresses that are routed to it.
  var isStrict = false
  /// Answers ARP only for its own addresses.
  var answersForItselfOnly = false
  /// Packets received on it are forwarded if the host forwards at all.
  var forwards = true
  /// Those that are on. A routed TAP has them too.
  var switches: Set<BridgeSwitch> = []
  var routesLoopback: Bool { switches.contains(.routesLoopback) }
  /// Whether packets received on it pass the checksum filter first.
  var isFiltered = false
  /// The rate limit of what it sends to the guest, in bytes per second; 0 if a limit is set differently from ours; nil if
  /// there is none.
  var receiveRate: UInt64?
  /// Who may open the TAP without privilege; nil if every user may.
  var owner: TapOwner?
  /// Whether a process has the TAP open.
  var isOpen = false

  /// /proc/sys/net/ipv6/conf/LINK.
  struct Settings6: Hashable, Sendable {
    var forwarding: Int32
    /// `accept_ra`.
    var routers: Int32
    /// `disable_ipv6`: the link has no IPv6 addresses and accepts none.
    var isDisabled = false
  }

  /// Returns true if Tapestry made it: a bridge with a network's mark, or a TAP with an attachment's. Links of other kinds
  /// are never ours, regardless of their mark.
  var isOwned: Bool {
    switch mark {
    case .network: kind == "bridge"
    case .attachment: kind == "tun"
    case nil: false
    }
  }
}

/// What the interface group (IFLA_GROUP) of a guest's TAP says about it.
struct GuestGroup: Hashable, Sendable {
  enum Kind: UInt32, CaseIterable {
    /// An isolated bridge port.
    case bridged = 0
    /// A TAP with a route of its own.
    case routed = 1
    /// A bridge port whose guest may reach others.
    case shared = 2
  }

  var kind: Kind
  /// Whether there is a limit to what the guest may send. The packets of all others are not looked up for one.
  var isLimited = false

  init(_ kind: Kind, isLimited: Bool = false) {
    self.kind = kind
    self.isLimited = isLimited
  }

  init(_ guest: Desired.Guest) {
    let network = guest.network
    kind = network.mode != .bridge ? .routed : network.settings.allowsInterVM ? .shared : .bridged
    isLimited = guest.lease.settings.rateLimit.limitsTransmission
  }
}

/// How a bridge handles frames to a MAC.
enum BridgeEntry: Hashable, Sendable {
  /// All frames go to the MAC's port.
  case forwarded
  /// Frames from the host go to the port. Frames from other ports go to the host, which drops them.
  case local
}

/// A multipath route appears once for each link.
struct ObservedRoute: Hashable, Sendable {
  /// nil if the route has no link.
  var link: Int32?
  var destination: IPPrefix
  /// Of type unreachable, prohibit, blackhole or throw.
  var isRefused = false
  /// RT_TABLE_MAIN (254), or another table.
  var table: UInt32 = 254
}

/// The state of the three tables.
enum ObservedRuleset: Hashable, Sendable {
  case missing
  /// A table has our name but not our mark.
  case foreign
  /// Ours, but not as this version makes it: rules changed, a set missing, another layout.
  case altered(Ruleset)
  case intact(Ruleset)

  /// What our tables have; nothing if they are missing or somebody else's.
  var facts: Ruleset {
    switch self {
    case .intact(let ruleset), .altered(let ruleset): ruleset
    case .missing, .foreign: Ruleset()
    }
  }
}
