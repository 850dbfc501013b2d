import NetTypes

/// Services of the host that networks offer to their guests and another firewall drops.
extension Diagnosis {
  var services: [Finding] {
    guard isInUse else { return [] }
    return facts.closedServices.map { closed in
      Finding(
        "host-access", closed.service == .ping ? .warning : .problem,
        "chain '\(closed.chain)' drops \(closed.words) from guests of network \(closed.network)",
        advice: closed.advice, network: closed.network)
    }
  }
}

extension HostFacts.ClosedService {
  fileprivate var words: String {
    switch service {
    case .ping: family == .v4 ? "pings" : "IPv6 pings"
    case .dns: "DNS queries"
    case .dhcp: "DHCP requests"
    case .neighbors: "neighbour discovery, which IPv6 needs,"
    case .routers: "router solicitations"
    }
  }

  fileprivate var advice: String {
    switch chain.table {
    case .inet("firewalld"):
      "firewall-cmd --permanent --zone=trusted \(zone); firewall-cmd --zone=trusted \(zone)"
    case .legacy(let family, let table): iptables(family.legacyProgram(table))
    case .ip("filter") where chain.name == "INPUT", .ip6("filter") where chain.name == "INPUT":
      iptables(family.iptables)
    case .ip, .ip6, .inet:
      "nft insert rule \(chain) " + (source(as: .nft).map { "\($0) " } ?? "") + "\(match) accept"
    }
  }

  private var zone: String {
    switch from {
    case .link(let name): "--add-interface=\(name)"
    case .addresses(let prefix): "--add-source=\(prefix?.description ?? "")"
    }
  }

  private enum Program { case nft, iptables }

  /// Returns nil for packets that do not have an address of the network yet: neighbour discovery may use any source
  /// address.
  private func source(as program: Program) -> String? {
    switch (from, service) {
    case (.link(let name), _): program == .nft ? "iifname \(name)" : "-i \(name)"
    case (.addresses, .neighbors), (.addresses, .routers), (.addresses(nil), _): nil
    case (.addresses(let prefix?), _):
      program == .nft ? "\(family.keyword) saddr \(prefix)" : "-s \(prefix)"
    }
  }

  private func iptables(_ program: String) -> String {
    let start = ["\(program) -I \(chain.name)", source(as: .iptables)].compactMap(\.self).joined(separator: " ")
    return options.map { "\(start) \($0) -j ACCEPT" }.joined(separator: "; ")
  }

  /// The rule's match in the syntax of nft(8).
  private var match: String {
    switch service {
    case .ping: family == .v4 ? "icmp type echo-request" : "icmpv6 type echo-request"
    case .dns: "meta l4proto { tcp, udp } th dport 53"
    case .dhcp: "udp dport 67"
    case .neighbors: "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }"
    case .routers: "icmpv6 type nd-router-solicit"
    }
  }

  /// The rule's match in the syntax of iptables(8).
  private var options: [String] {
    switch service {
    case .ping: [family == .v4 ? "-p icmp --icmp-type echo-request" : "-p ipv6-icmp --icmpv6-type echo-request"]
    case .dns: ["-p udp --dport 53", "-p tcp --dport 53"]
    case .dhcp: ["-p udp --dport 67"]
    case .neighbors:
      ["solicitation", "advertisement"].map { "-p ipv6-icmp --icmpv6-type neighbour-\($0)" }
    case .routers: ["-p ipv6-icmp --icmpv6-type router-solicitation"]
    }
  }
}
