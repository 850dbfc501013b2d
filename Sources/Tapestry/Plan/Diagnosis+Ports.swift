/// Published ports that foreign rules redirect.
extension Diagnosis {
  func redirections(_ observed: Observed) -> [Finding] {
    observed.ruleset.facts.guests.flatMap(\.published).sorted().compactMap { port in
      observed.redirection(of: port).map { chain in
        Finding(
          "port", .problem, "port \(port.place) of the host is published, but chain '\(chain)' redirects it",
          advice: "tapestry unpublish VM \(port), or remove the rule from the chain: \(chain.table.listing)")
      }
    }
  }
}
