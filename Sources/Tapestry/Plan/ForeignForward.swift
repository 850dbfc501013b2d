import NetTypes

/// A foreign base chain at the hook forward, which every forwarded packet passes. An accept in one of our tables cannot
/// undo a drop in another table.
///
/// It describes one family's packets. A chain that both families pass is there twice.
struct ForeignForward: Hashable, Sendable {
  var chain: ForeignChain
  var family: IPFamily
  /// The chain that our accept rules belong in: this chain, or a chain that it ends in, which drops some packets before it
  /// drops all.
  var place: ForeignChain
  /// How many rules of `place` come before ours: all those that drop something. If `place` cannot be changed, it counts the
  /// rules of the chain itself. nil if that is not known.
  var precedingRules: Int?
  /// Whether no rules come after them.
  var isAtEnd = false
  /// Whether it drops packets that match none of its rules: by policy, or by a last rule that drops or rejects all.
  var drops: Bool
  /// Whether it has rules that are not ours.
  var hasRules = false
  /// Why Tapestry cannot change it; nil if it can.
  var obstacle: Obstacle?
  /// The rules with our mark in this chain and in every chain that it leads to.
  var marked: [Marked] = []
  /// What its other rules accept regardless of a packet's other properties.
  var accepted: Set<Acceptance> = []
  /// What its rules drop before that.
  var denied: Set<Denial> = []

  enum Obstacle: Hashable, Sendable {
    /// The kernel lets only the table's owner change it (NFT_TABLE_F_OWNER).
    case owned
    /// The associated value says what is wrong.
    case unreadable(String)
    /// Packets to or from the host itself also pass the place, so accept rules there would open too much.
    case shared
  }

  /// Packets from or to the addresses of a prefix.
  struct Acceptance: Hashable, Sendable {
    var end: End
    var prefix: IPPrefix

    enum End: Hashable, Sendable, CaseIterable { case source, destination }

    func covers(_ other: Acceptance) -> Bool { end == other.end && prefix.contains(other.prefix) }
  }

  /// A rule with our mark.
  struct Marked: Hashable, Sendable {
    var chain: ForeignChain
    /// The network in the mark.
    var network: Identifier
    /// nil if the rule differs from the ones that we make.
    var accepts: Acceptance?
    /// Whether it comes after every rule that drops something and before the one that drops all.
    var isInPlace = true
  }

  /// Packets that a rule drops, from and to these addresses.
  struct Denial: Hashable, Sendable {
    /// The chain's name, in the table of the base chain.
    var chain: String
    /// nil: from anywhere.
    var source: IPPrefix?
    /// nil: to anywhere.
    var destination: IPPrefix?
    /// Whether the rule has further conditions.
    var isConditional = false
  }

  /// Our accept rules for a network: one for each direction. Our own tables decide which of these packets pass.
  static func acceptances(_ prefix: IPPrefix) -> [Acceptance] {
    Acceptance.End.allCases.map { Acceptance(end: $0, prefix: prefix) }
  }

  /// Returns true if foreign rules accept a network's packets. If only its owner can change the chain, one direction is
  /// enough: reply packets belong to a connection, and firewalls match those in too many different ways.
  func accepts(_ prefix: IPPrefix) -> Bool {
    Self.acceptances(prefix).allSatisfy { wanted in
      accepted.contains { $0.covers(wanted) } || obstacle == .owned && wanted.end == .destination
    }
  }

  /// Returns true if packets of the network pass in both directions. A family that the network does not have always passes.
  func passes(_ network: Network) -> Bool {
    guard let prefix = network.prefix(family), drops, !accepts(prefix) else { return true }
    let rules = marked.filter { $0.network == network.name && $0.chain == place && $0.isInPlace }.compactMap(\.accepts)
    return Self.acceptances(prefix).allSatisfy(rules.contains)
  }
}

extension Network {
  /// The addresses by which the host knows guests. Returns nil for a family that the network does not have.
  func prefix(_ family: IPFamily) -> IPPrefix? {
    switch family {
    case .v4: .v4(subnet.prefix)
    case .v6: subnet6.map(IPPrefix.v6)
    }
  }
}

/// A chain of another program, named as its tools name it.
struct ForeignChain: Hashable, Sendable {
  var table: Table
  var name: String

  enum Table: Hashable, Sendable {
    /// A table of nf_tables of family `ip` or `ip6`. `filter` is the table of iptables-nft or ip6tables-nft.
    case ip(String)
    case ip6(String)
    /// A table of nf_tables of family `inet`.
    case inet(String)
    /// A table of iptables-legacy or ip6tables-legacy, which nf_tables does not know: `filter`, `nat`, `mangle`, `security`.
    case legacy(IPFamily, String)

    /// The families whose packets pass its chains.
    var families: [IPFamily] {
      switch self {
      case .ip: [.v4]
      case .ip6: [.v6]
      case .inet: IPFamily.allCases
      case .legacy(let family, _): [family]
      }
    }
  }

  /// The chain that Docker makes for users' rules. An earlier version of Tapestry put its rules there.
  static let dockerUser = "DOCKER-USER"

  /// Returns true for the chain FORWARD of iptables(8) or ip6tables(8), nft or legacy.
  var isOfIPTables: Bool {
    switch table {
    case .ip("filter"), .ip6("filter"), .legacy(_, "filter"): name == "FORWARD"
    case .ip, .ip6, .inet, .legacy: false
    }
  }
}

extension ForeignChain: CustomStringConvertible {
  /// `ip filter FORWARD`, as nft(8) names it; `FORWARD of iptables-legacy -t mangle`.
  var description: String {
    switch table {
    case .legacy(let family, let table): "\(name) of \(family.legacyProgram(table))"
    case .ip, .ip6, .inet: "\(table) \(name)"
    }
  }
}

extension ForeignChain.Table: CustomStringConvertible {
  /// `ip filter`, as nft(8) names it.
  var description: String {
    switch self {
    case .ip(let table): "ip \(table)"
    case .ip6(let table): "ip6 \(table)"
    case .inet(let table): "inet \(table)"
    case .legacy(let family, let table): "\(table) of \(family.iptables)-legacy"
    }
  }
}

extension IPFamily {
  /// The keyword of nft(8) for the family's header.
  var keyword: String { self == .v4 ? "ip" : "ip6" }

  /// The program that edits the family's rules.
  var iptables: String { "\(keyword)tables" }

  /// The program for a table of iptables-legacy; without an option it edits `filter`.
  func legacyProgram(_ table: String) -> String {
    "\(iptables)-legacy" + (table == "filter" ? "" : " -t \(table)")
  }
}

/// The comment that marks our rule in another program's chain with its network: `tapestry: network NAME`. Rules without
/// such a comment are never changed or deleted there.
enum RuleMark {
  private static let prefix = "tapestry: network "

  static func comment(_ network: Identifier) -> String { prefix + network.rawValue }

  /// Returns nil for a comment that is not ours.
  static func network(_ comment: String) -> Identifier? {
    comment.hasPrefix(prefix) ? Identifier(text: String(comment.dropFirst(prefix.count))) : nil
  }
}
