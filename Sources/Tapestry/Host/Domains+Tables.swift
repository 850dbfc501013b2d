import NFTables
import NetTypes

/// Domains in the table `inet tapestry`: for each a set for each family, which dnsmasq fills and rules have live on; for
/// each list of them a chain, to which a map leads those whom it is of. What grows with the lists are these chains; a
/// packet passes that of its own guest alone.
extension DomainSet {
  /// In milliseconds: as long as an address is within reach after it was told of, or after the last connection to it began.
  static let timeout: UInt64 = 3_600_000

  var set: NamedSet { namedSet(name, .ipv4Address) }
  var set6: NamedSet { namedSet(name6, .ipv6Address) }

  private func namedSet(_ name: String, _ type: DataType) -> NamedSet {
    NamedSet(RulesetTables.inet.id, name, type, flags: [.timeout, .dynamic], timeout: Self.timeout)
  }
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
    [
      Rule(in: chain, .match(.ipDestination, in: RulesetTables.specialUse), .return),
      Rule(in: chain, .match(.ip6Destination, in: RulesetTables.specialUse6), .return),
    ]
      + patterns.sorted().flatMap { pattern in
        let sets = DomainSet(bridge: bridge, pattern: pattern)
        return [
          Rule(in: chain, .match(.ipDestination, in: sets.set), .update(sets.set, .ipDestination), .accept),
          Rule(in: chain, .match(.ip6Destination, in: sets.set6), .update(sets.set6, .ip6Destination), .accept),
        ]
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
  var domainSets: [NamedSet] { domainLists.sets.flatMap { [$0.set, $0.set6] } }
}
