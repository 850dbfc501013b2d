import NFTables
import NetTypes

/// Domains in the table `inet tapestry`. Each domain has a set per family, which dnsmasq fills and rules renew. Each list
/// of domains has a chain, and maps lead guests and subnets to theirs. Only these chains grow with the lists, and a packet
/// passes only its own guest's.
extension DomainSet {
  /// In milliseconds: how long an address stays allowed after it was learnt, or after the last connection to it began.
  static let timeout: UInt64 = 3_600_000

  func set(_ family: IPFamily) -> TypedSet<IPAddress> {
    TypedSet(
      RulesetTables.inet.id, family == .v4 ? name : name6, of: family, flags: [.timeout, .dynamic],
      timeout: Self.timeout)
  }

  var sets: [TypedSet<IPAddress>] { IPFamily.allCases.map(set) }
}

extension DomainList {
  private static let chainPrefix = "names."

  var chain: Chain { Chain(RulesetTables.inet.id, "\(Self.chainPrefix)\(hash)..\(bridge)") }
  var verdict: NFTables.Verdict { .jump(chain.id.name) }

  /// A hash over the sorted patterns.
  private var hash: String {
    let text = patterns.sorted().map(\.description).joined(separator: " ")
    let digits = String(Identity.fnv1a(text), radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  var rules: [Rule] {
    // A domain's owner chooses its addresses, so only addresses on the internet count.
    RulesetTables.families.map { Rule(in: chain, .match($0.destination, in: $0.specialUse), .return) }
      + patterns.sorted().flatMap { pattern in
        let domain = DomainSet(bridge: bridge, pattern: pattern)
        return RulesetTables.families.map { tables in
          let set = domain.set(tables.family)
          return Rule(
            in: chain, .match(tables.destination, in: set), .update(set, tables.destination), .accept)
        }
      }
  }

  /// Returns true if the chain belongs to a list.
  static func isChain(_ chain: Chain.ID) -> Bool {
    chain.table == RulesetTables.inet.id && chain.name.hasPrefix(chainPrefix)
  }

  /// The list that the chain belongs to. Returns nil for other chains.
  init?(_ chain: Chain.ID, _ rules: [Rule]) {
    guard Self.isChain(chain) else { return nil }
    let sets = rules.filter { $0.chain == chain }.flatMap(\.expressions).compactMap { expression in
      if case .lookup(let lookup) = expression.kind { DomainSet(name: lookup.set) } else { nil }
    }
    guard let bridge = sets.first?.bridge else { return nil }
    self.init(bridge, sets.map(\.pattern))
    guard self.chain.id == chain else { return nil }
  }
}

extension Ruleset {
  var domainChains: [Chain] { domainLists.map(\.chain) }
  var domainRules: [Rule] { domainLists.flatMap(\.rules) }
  var domainSets: [NamedSet] { domainLists.sets.flatMap(\.sets).map(\.named) }
}
