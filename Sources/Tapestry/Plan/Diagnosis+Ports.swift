/// Published ports that foreign rules redirect.
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
          "port", .problem, "port \(port.place) of the host is published, but chain '\(chain)' redirects it",
          advice: "tapestry unpublish VM \(port), or remove the rule from the chain: \(chain.listing)")
      }
    }
  }
}

extension ForeignChain {
  /// The command that lists the rules of the chain's table.
  fileprivate var listing: String {
    switch table {
    case .legacy(let family, let table): "\(family.legacyProgram(table)) -S"
    case .ip, .ip6, .inet: "nft list table \(table)"
    }
  }
}
