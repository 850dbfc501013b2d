import NetTypes

extension ForeignForward {
  /// The commands that let a subnet through, for whoever may change the chain.
  func advice(for subnet: IPv4Subnet) -> String {
    switch chain.table {
    case .legacy: iptables("iptables-legacy", subnet)
    case .ip where chain.isOfIPTables: iptables("iptables", subnet)
    // firewalld forgets at its next reload what was changed behind its back.
    case .inet("firewalld"):
      "firewall-cmd --permanent --zone=trusted --add-source=\(subnet) && firewall-cmd --reload"
    case .ip, .inet:
      ["saddr", "daddr"].map { "nft insert rule \(place) ip \($0) \(subnet) accept" }.joined(separator: "; ")
    }
  }

  /// The command that shows the chain's rules.
  var listing: String {
    switch chain.table {
    case .legacy: "iptables-legacy -S \(chain.name)"
    case .ip(let table): "nft list table ip \(table)"
    case .inet(let table): "nft list table inet \(table)"
    }
  }

  private func iptables(_ program: String, _ subnet: IPv4Subnet) -> String {
    ["-s", "-d"].map { "\(program) -I \(place.name) \($0) \(subnet) -j ACCEPT" }.joined(separator: "; ")
  }
}
