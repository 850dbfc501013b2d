/// Published ports that somebody else's rules send elsewhere.
extension Diagnosis {
  func redirections(_ observed: Observed) -> [Finding] {
    let guests: Set<Ruleset.GuestFacts> =
      switch observed.ruleset {
      case .intact(let ruleset), .altered(let ruleset): ruleset.guests
      case .missing, .foreign: []
      }
    return guests.flatMap(\.published).sorted().compactMap { port in
      observed.redirection(of: port).map { chain in
        Finding(
          "port", .problem, "port \(port.place) of the host is published, and chain '\(chain)' sends it elsewhere",
          advice: "tapestry unpublish VM \(port), or take it out of the chain: \(chain.listing)")
      }
    }
  }
}

extension ForeignChain {
  /// The command that shows the rules of its table.
  fileprivate var listing: String {
    switch table {
    case .legacy(let family): "\(family.iptables)-legacy -S"
    case .legacyNAT(let family): "\(family.iptables)-legacy -t nat -S"
    case .ip, .ip6, .inet: "nft list table \(table)"
    }
  }
}
