import NetTypes

extension ForeignForward {
  /// The commands, for the chain's owner, that accept a network's addresses after the chain's drop rules.
  func advice(for prefix: IPPrefix) -> String {
    let place = obstacle == .shared ? chain : place
    return switch chain.table {
    case .legacy(let family, let table): iptables(family.legacyProgram(table), place, prefix)
    case .ip where chain.isOfIPTables, .ip6 where chain.isOfIPTables: iptables(family.iptables, place, prefix)
    // firewalld discards changes that were made without it at its next reload.
    case .inet("firewalld"):
      "firewall-cmd --permanent --zone=trusted --add-source=\(prefix) && firewall-cmd --reload"
    case .ip, .ip6, .inet:
      ["saddr", "daddr"].map { "nft \(nftPosition(place)) \(family.keyword) \($0) \(prefix) accept" }
        .joined(separator: "; ")
    }
  }

  private func nftPosition(_ place: ForeignChain) -> String {
    guard let precedingRules, precedingRules > 0 else { return "insert rule \(place)" }
    return isAtEnd ? "add rule \(place)" : "add rule \(place) index \(precedingRules - 1)"
  }

  /// The command that lists the chain's rules.
  var listing: String {
    if case .legacy = chain.table { "\(chain.table.listing) \(chain.name)" } else { chain.table.listing }
  }

  private func iptables(_ program: String, _ place: ForeignChain, _ prefix: IPPrefix) -> String {
    let number = precedingRules ?? 0
    let position = number == 0 ? place.name : "\(place.name) \(number + 1)"
    return ["-s", "-d"].map { "\(program) -I \(position) \($0) \(prefix) -j ACCEPT" }.joined(separator: "; ")
  }
}

extension ForeignChain.Table {
  /// The command that lists the table's rules.
  var listing: String {
    switch self {
    case .legacy(let family, let table): "\(family.legacyProgram(table)) -S"
    case .ip, .ip6, .inet: "nft list table \(self)"
    }
  }
}
