import NetTypes

/// A chain of somebody else's that every forwarded packet has to pass: a base chain at the hook forward. An accept in a
/// table of ours cannot undo a drop in another.
///
/// What it does with packets of one family: a chain that those of both pass is there twice.
struct ForeignForward: Hashable, Sendable {
  var chain: ForeignChain
  var family: IPFamily
  /// Where accepts of ours belong: the chain itself, or one that it ends in, which denies something before it drops all.
  var place: ForeignChain
  /// How many of that chain's rules they belong behind: everything that denies something; of the chain itself where the
  /// other cannot be changed. nil where that is not known.
  var precedingRules: Int?
  /// Whether none comes behind them.
  var isAtEnd = false
  /// Whether it drops what its rules do not know: by policy, or by a last rule that drops or rejects all.
  var drops: Bool
  /// Whether anything is done in it that is not ours.
  var hasRules = false
  /// Why Tapestry cannot change it; nil where it can.
  var obstacle: Obstacle?
  /// The rules that carry our mark, in it and wherever it leads.
  var marked: [Marked] = []
  /// What its other rules let through, whatever else a packet is.
  var accepted: Set<Acceptance> = []
  /// What they drop of it before that.
  var denied: Set<Denial> = []

  enum Obstacle: Hashable, Sendable {
    /// The kernel lets only its owner change the table (NFT_TABLE_F_OWNER).
    case owned
    /// With what is wrong.
    case unreadable(String)
    /// What comes to the host itself, or from it, passes the place as well: accepts there would open more than they are for.
    case shared
  }

  /// Packets from, or to, the addresses of a prefix.
  struct Acceptance: Hashable, Sendable {
    var end: End
    var prefix: IPPrefix

    enum End: Hashable, Sendable, CaseIterable { case source, destination }

    func covers(_ other: Acceptance) -> Bool { end == other.end && prefix.contains(other.prefix) }
  }

  /// A rule that carries our mark.
  struct Marked: Hashable, Sendable {
    var chain: ForeignChain
    /// Whose mark it is.
    var network: Identifier
    /// nil for a rule that is not as we make them.
    var accepts: Acceptance?
    /// Whether it stands behind every rule that denies something, and before what drops all.
    var isInPlace = true
  }

  /// Packets that a rule drops: those from and to these addresses.
  struct Denial: Hashable, Sendable {
    /// Of the chain's table.
    var chain: String
    /// nil: from anywhere.
    var source: IPPrefix?
    /// nil: to anywhere.
    var destination: IPPrefix?
    /// Whether the rule asks for more than that.
    var isConditional = false
  }

  /// The rules of ours that let a network through: one for each direction. What packets these may be is for our own
  /// tables to say.
  static func acceptances(_ prefix: IPPrefix) -> [Acceptance] {
    Acceptance.End.allCases.map { Acceptance(end: $0, prefix: prefix) }
  }

  /// Whether rules that are not ours let a network's packets through. Where only its owner can change the chain, it is
  /// enough that they do so one way: what comes back belongs to a connection, which firewalls tell in too many ways.
  func lets(_ prefix: IPPrefix) -> Bool {
    Self.acceptances(prefix).allSatisfy { wanted in
      accepted.contains { $0.covers(wanted) } || obstacle == .owned && wanted.end == .destination
    }
  }

  /// Whether packets of the network pass, both ways. There are none of a family that it does not have.
  func passes(_ network: Network) -> Bool {
    guard let prefix = network.prefix(family), drops, !lets(prefix) else { return true }
    let rules = marked.filter { $0.network == network.name && $0.chain == place && $0.isInPlace }.compactMap(\.accepts)
    return Self.acceptances(prefix).allSatisfy(rules.contains)
  }
}

extension Network {
  /// The addresses that guests are known by to the host; nil for a family that the network does not have.
  func prefix(_ family: IPFamily) -> IPPrefix? {
    switch family {
    case .v4: .v4(subnet.prefix)
    case .v6: subnet6.map(IPPrefix.v6)
    }
  }
}

/// A chain of another program's, by the names under which its tools know it.
struct ForeignChain: Hashable, Sendable {
  var table: Table
  var name: String

  enum Table: Hashable, Sendable {
    /// A table of nf_tables of family `ip` or `ip6`. `filter` is that of iptables-nft, or ip6tables-nft.
    case ip(String)
    case ip6(String)
    /// A table of nf_tables of family `inet`.
    case inet(String)
    /// The table `filter` of iptables-legacy, or ip6tables-legacy, which nf_tables knows nothing of.
    case legacy(IPFamily)
    /// The table `nat`.
    case legacyNAT(IPFamily)

    /// Whose packets pass its chains.
    var families: [IPFamily] {
      switch self {
      case .ip: [.v4]
      case .ip6: [.v6]
      case .inet: IPFamily.allCases
      case .legacy(let family), .legacyNAT(let family): [family]
      }
    }
  }

  /// The chain that Docker makes for the rules of others: where an earlier version put ours.
  static let dockerUser = "DOCKER-USER"

  /// Whether it is the chain FORWARD of iptables(8) or ip6tables(8), in one of their two forms.
  var isOfIPTables: Bool {
    switch table {
    case .ip("filter"), .ip6("filter"), .legacy: name == "FORWARD"
    case .ip, .ip6, .inet, .legacyNAT: false
    }
  }
}

extension ForeignChain: CustomStringConvertible {
  /// `ip filter FORWARD`, as nft(8) names it; `FORWARD of iptables-legacy`.
  var description: String {
    switch table {
    case .legacy(let family): "\(name) of \(family.iptables)-legacy"
    case .legacyNAT(let family): "\(name) of \(family.iptables)-legacy -t nat"
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
    case .legacy(let family): "filter of \(family.iptables)-legacy"
    case .legacyNAT(let family): "nat of \(family.iptables)-legacy"
    }
  }
}

extension IPFamily {
  /// The program that makes the family's rules.
  var iptables: String {
    switch self {
    case .v4: "iptables"
    case .v6: "ip6tables"
    }
  }
}

/// The comment of a rule in another program's chain that says whose it is: `tapestry: network NAME`. Nothing without one
/// is ever changed or deleted there.
enum RuleMark {
  private static let prefix = "tapestry: network "

  static func comment(_ network: Identifier) -> String { prefix + network.rawValue }

  /// nil for a comment of somebody else's.
  static func network(_ comment: String) -> Identifier? {
    comment.hasPrefix(prefix) ? Identifier(text: String(comment.dropFirst(prefix.count))) : nil
  }
}
