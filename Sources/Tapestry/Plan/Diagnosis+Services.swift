/// What of the host's own the networks offer their guests, and another firewall keeps from them.
extension Diagnosis {
  var services: [Finding] {
    guard isInUse else { return [] }
    return facts.closedServices.map { closed in
      Finding(
        "host-access", closed.service == .ping ? .warning : .problem,
        "chain '\(closed.chain)' drops \(closed.service.words) of guests of network \(closed.network)",
        advice: closed.advice)
    }
  }
}

extension HostFacts.ClosedService {
  fileprivate var advice: String {
    if case .inet("firewalld") = chain.table {
      return "firewall-cmd --permanent --zone=trusted --add-interface=\(link); firewall-cmd --zone=trusted "
        + "--add-interface=\(link)"
    }
    let nft = "nft insert rule \(chain) iifname \(link) \(service.match) accept"
    guard case .ip("filter") = chain.table, chain.name == "INPUT" else { return nft }
    return "iptables -I INPUT -i \(link) \(service.option) -j ACCEPT"
  }
}

extension HostFacts.ClosedService.Kind {
  fileprivate var words: String {
    switch self {
    case .ping: "pings"
    case .dns: "questions to the name server"
    case .dhcp: "requests of DHCP"
    }
  }

  /// As nft(8) writes it.
  fileprivate var match: String {
    switch self {
    case .ping: "icmp type echo-request"
    case .dns: "meta l4proto { tcp, udp } th dport 53"
    case .dhcp: "udp dport 67"
    }
  }

  /// As iptables(8) does.
  fileprivate var option: String {
    switch self {
    case .ping: "-p icmp --icmp-type echo-request"
    case .dns: "-p udp --dport 53"
    case .dhcp: "-p udp --dport 67"
    }
  }
}
