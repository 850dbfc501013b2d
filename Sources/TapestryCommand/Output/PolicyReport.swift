import Tapestry

extension EgressPolicy {
  /// With the names of the options.
  func json(default reach: Reach? = nil) -> JSON {
    let texts = { (verdict: TrafficRule.Verdict) in
      JSON.array(self.traffic(verdict).map { .string($0.description) })
    }
    let word = (self.reach ?? reach).map { JSON.string($0.rawValue) } ?? .null
    let names = JSON.array(domains.map { .string($0.description) })
    return .object([("egress", word), ("allow", texts(.allow)), ("deny", texts(.deny)), ("allowDomain", names)])
  }

  func text(default reach: Reach? = nil) -> String {
    let word = (self.reach ?? reach)?.rawValue ?? "as its network"
    return ([word] + rules.map(\.description) + domains.map { "allow \($0)" }).joined(separator: ", ")
  }
}

/// What an attachment, or the guests of a network, may reach.
struct PolicyStanding {
  var attachment: Attachment?
  var network: Network

  init(_ attachment: Attachment?, _ network: Network) {
    self.attachment = attachment
    self.network = network
  }

  private var policies: [(owner: String, policy: EgressPolicy)] {
    let own = attachment?.egress.map {
      [(owner: "\(attachment?.vmID ?? "")/\(attachment?.interfaceID ?? "")", policy: $0)]
    }
    return (own ?? []) + [(owner: "network \(network.name)", policy: network.egress)]
  }

  private var reach: (owner: String, reach: EgressPolicy.Reach) {
    let said = policies.compactMap { owner, policy in policy.reach.map { (owner: owner, reach: $0) } }
    return said.first ?? (owner: "network \(network.name)", reach: .all)
  }

  var lines: [String] {
    var lines = attachment.map { ["\($0.vmID)/\($0.interfaceID) (\($0.address))"] } ?? ["network \(network.name)"]
    for (owner, policy) in policies { lines += policy.rules.map { "  \($0)".padded(to: 42) + owner } }
    for (owner, policy) in policies { lines += policy.domains.map { "  allow \($0)".padded(to: 42) + owner } }
    lines.append("  egress \(reach.reach.rawValue)".padded(to: 42) + reach.owner)
    lines.append("  host access \(network.hostAccess)".padded(to: 42) + "network \(network.name)")
    return lines
  }

  var json: JSON {
    var members: [(name: String, value: JSON)] = []
    if let attachment {
      members += [
        ("vmId", .string(attachment.vmID)), ("interfaceId", .string(attachment.interfaceID)),
        ("own", attachment.egress?.json() ?? .null),
      ]
    }
    return .object(
      members + [
        ("network", .string(network.name.rawValue)), ("inherited", network.egress.json(default: .all)),
        ("hostAccess", network.hostAccess.json),
      ])
  }
}

extension HostAccess {
  var json: JSON { .array(services.map(\.description).sorted().map(JSON.string)) }
}

extension OutputOptions {
  func show(_ standings: [PolicyStanding]) {
    switch output {
    case .json: Output.standardOutput(JSON.array(standings.map(\.json)).text)
    case .text: Output.standardOutput(standings.map { $0.lines.joined(separator: "\n") }.joined(separator: "\n\n"))
    }
  }
}
