import NFTables
import NetTypes

/// Guests that may have so many connections each: a chain that counts them. There is one for the limit that goes without
/// saying, and one for each other that an attachment has; a map leads guests to theirs. (The kernel has objects for it, as
/// it has for rates, but nft(8) cannot list a ruleset that has one.)
struct ConnectionClass: Hashable, Sendable {
  var limit: UInt32

  static let standard = ConnectionClass(limit: MaximumConnections.standard)

  private static let prefix = "connections."

  var chain: Chain { Chain(RulesetTables.inet.id, "\(Self.prefix)\(limit)") }
  var verdict: NFTables.Verdict { .goto(chain.id.name) }
  var sets: [NamedSet] { [beginnings, connections] }

  // By link and MAC, which the guards have seen to: so IPv4 and IPv6 are counted together.
  private var beginnings: NamedSet {
    RulesetTables.meter(RulesetTables.inet, "beginnings.\(limit)", .interfaceName, .etherAddress)
  }
  private var connections: NamedSet {
    NamedSet(
      RulesetTables.inet.id, chain.id.name, .interfaceName, .etherAddress, flags: .dynamic)
  }

  /// First how fast connections begin. What TCP has closed is not counted any more, and yet the host remembers it for two
  /// minutes: a sixteenth a second keeps all of it below ten times the limit. And what is refused further on stays in the
  /// kernel's list until it is looked through, some entries at a time (net/netfilter/nf_conncount.c).
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

  /// The one that a chain is for; nil for other chains.
  init?(_ chain: Chain.ID) {
    guard chain.table == RulesetTables.inet.id, chain.name.hasPrefix(Self.prefix),
      let limit = UInt32(chain.name.dropFirst(Self.prefix.count))
    else { return nil }
    self.limit = limit
    guard self.chain.id == chain else { return nil }
  }
}

extension MaximumConnections {
  /// In the map from guests.
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
