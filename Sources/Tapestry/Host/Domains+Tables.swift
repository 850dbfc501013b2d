import NFTables
import NetTypes

/// Domains in the table `inet tapestry`: for each a set for each family, which dnsmasq fills and rules have live on; for
/// each list of them a chain, to which a map leads those whom it is of. What grows with the lists are these chains; a
/// packet passes that of its own guest alone.
extension DomainSet {
  /// In milliseconds: as long as an address is within reach after it was told of, or after the last connection to it began.
  static let timeout: UInt64 = 3_600_000

  func set(_ family: IPFamily) -> NamedSet {
    NamedSet(
      RulesetTables.inet.id, family == .v4 ? name : name6, .address(family), flags: [.timeout, .dynamic],
      timeout: Self.timeout)
  }

  var sets: [NamedSet] { IPFamily.allCases.map(set) }
}

extension DomainList {
  private static let chainPrefix = "names."

  var chain: Chain { Chain(RulesetTables.inet.id, "\(Self.chainPrefix)\(hash)..\(bridge)") }
  var verdict: NFTables.Verdict { .jump(chain.id.name) }

  /// Over the patterns in order.
  private var hash: String {
    let text = patterns.sorted().map(\.description).joined(separator: " ")
    let digits = String(Identity.fnv1a(text), radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  var rules: [Rule] {
    // Whoever owns a domain says where it is: within the internet, he may.
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

  /// Whether a chain is for a list.
  static func isChain(_ chain: Chain.ID) -> Bool {
    chain.table == RulesetTables.inet.id && chain.name.hasPrefix(chainPrefix)
  }

  /// The list that a chain is for; nil for other chains.
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
  var domainSets: [NamedSet] { domainLists.sets.flatMap(\.sets) }
}
