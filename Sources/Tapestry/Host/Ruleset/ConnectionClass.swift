import NFTables

/// Guests with the same limit of connections: a chain that counts each guest's. There is one for the default limit, and one
/// for each other limit that an attachment has. A map leads guests to theirs. (The kernel has connection-count objects, as
/// it has limit objects for rates, but nft(8) cannot list a ruleset that has one.)
struct ConnectionClass: Hashable, Sendable {
  var limit: UInt32

  static let standard = ConnectionClass(limit: MaximumConnections.standard)

  private static let prefix = "connections."

  var chain: Chain { Chain(RulesetTables.inet.id, "\(Self.prefix)\(limit)") }
  var verdict: NFTables.Verdict { .goto(chain.id.name) }
  var sets: [NamedSet] { [beginnings.named, connections.named] }

  // Keyed by link and MAC, which the guards have checked, so IPv4 and IPv6 count together.
  private var beginnings: RulesetTables.MACs { RulesetTables.meter(RulesetTables.inet.id, "beginnings.\(limit)") }
  private var connections: RulesetTables.MACs { .init(RulesetTables.inet.id, chain.id.name, flags: .dynamic) }

  /// The first rule limits the rate of new connections. A connection that TCP has closed is no longer counted, but the host
  /// remembers it for two minutes: a sixteenth of the limit per second keeps all of them below ten times the limit.
  /// Connections that a later rule drops also stay in the kernel's list until it scans them, some entries at a time
  /// (net/netfilter/nf_conncount.c).
  var rules: [Rule] {
    let floor: UInt32 = 64
    let beginning = RulesetTables.over(UInt64(max(floor, limit / 16)), burst: max(floor, limit))
    return [
      Rule(in: chain, .limit(beginning, of: .iifname, .etherSource, in: beginnings), .drop),
      Rule(
        in: chain,
        .limit(ConnectionLimit(count: limit, isInverted: true), of: .iifname, .etherSource, in: connections), .drop),
    ]
  }

  init(limit: UInt32) { self.limit = limit }

  /// The class of a chain. Returns nil for other chains.
  init?(_ chain: Chain.ID) {
    guard chain.table == RulesetTables.inet.id, chain.name.hasPrefix(Self.prefix),
      let limit = UInt32(chain.name.dropFirst(Self.prefix.count))
    else { return nil }
    self.limit = limit
    guard self.chain.id == chain else { return nil }
  }
}

extension MaximumConnections {
  /// The verdict in the map keyed by guest.
  var verdict: NFTables.Verdict {
    switch self {
    case .unlimited: .return
    case .atMost(let limit): ConnectionClass(limit: limit).verdict
    }
  }

  init?(_ verdict: NFTables.Verdict) {
    switch verdict {
    case .return: self = .unlimited
    case .goto(let chain):
      guard let known = ConnectionClass(Chain.ID(RulesetTables.inet.id, chain)) else { return nil }
      self = .atMost(known.limit)
    default: return nil
    }
  }
}

extension Ruleset {
  var connectionClasses: [ConnectionClass] { connectionLimits.map(ConnectionClass.init(limit:)) }
}
