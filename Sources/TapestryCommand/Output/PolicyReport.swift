import Linux
import NetTypes
import Tapestry

extension EgressPolicy {
  func text(default reach: Reach = .inherited) -> String {
    let word = self.reach == .inherited ? reach : self.reach
    return
      ([word == .inherited ? "as the network" : word.rawValue] + rules.map(\.description)
      + Self.lists.flatMap { $0.lines(self) }).joined(separator: ", ")
  }
}

/// The policy that applies to an attachment, or to the guests of a network.
struct EffectivePolicy {
  var attachment: Attachment?
  var network: Network

  private var own: EgressPolicy { attachment?.settings.egress ?? EgressPolicy() }

  private var networkText: String { "network \(network.name)" }

  private var policies: [(owner: String, policy: EgressPolicy)] {
    let inherited = (owner: networkText, policy: network.settings.egress)
    guard let attachment else { return [inherited] }
    return [("\(attachment.vmID)/\(attachment.interfaceID)", own), inherited]
  }

  private var reach: (owner: String, reach: EgressPolicy.Reach) {
    let source = policies.first { $0.policy.reach != .inherited }
    return (source?.owner ?? networkText, network.reach(of: own))
  }

  var lines: [String] {
    func line(_ text: String, _ owner: String) -> String { "  \(text)".padded(to: 42) + owner }
    var lines = [attachment.map { "\($0.vmID)/\($0.interfaceID) (\($0.address))" } ?? networkText]
    for (owner, policy) in policies { lines += policy.rules.map { line("\($0)", owner) } }
    for list in EgressPolicy.lists {
      // Allowed domains matter only if the default is to reach nothing.
      let note = list.name == "allow-domain" && reach.reach != .nothing ? " (no effect)" : ""
      for (owner, policy) in policies { lines += list.lines(policy).map { line($0 + note, owner) } }
    }
    lines += [
      line("egress \(reach.reach.rawValue)", reach.owner),
      line("host access \(network.settings.hostAccess)", networkText),
      line("inter-VM \(network.settings.allowsInterVM ? "yes" : "no")", networkText),
    ]
    guard let settings = attachment?.settings else { return lines }
    let owner = policies[0].owner
    lines += settings.published.map { line("published \($0)", owner) }
    if !settings.rateLimit.isEmpty { lines.append(line("rate limit \(settings.rateLimit)", owner)) }
    let limit = settings.maxConnections ?? .atMost(MaximumConnections.standard)
    return lines + [line("connections \(limit.text)", settings.maxConnections == nil ? "default" : owner)]
  }

  /// Warnings about rules that have no effect now, but may have one later.
  var warnings: [String] {
    let policy = attachment.map { _ in own } ?? network.settings.egress
    let idle = policy.idleAllowances(in: network).map { traffic in
      "'allow \(traffic)' has no effect: with egress \(reach.reach.rawValue) and no --deny that matches it, it is "
        + "allowed anyway"
    }
    return idle
      + policy.rules.filter { $0.traffic.destination.isOfThisHost }.map { rule in
        "'\(rule)' has no effect: \(rule.traffic.destination.address) is an address of this host. Access to the host is "
          + "set by --host-access of network \(network.name)"
      }
  }
}

extension EffectivePolicy: Encodable {
  private enum CodingKeys: String, CodingKey {
    case vmID = "vmId"
    case interfaceID = "interfaceId"
    case own, published, rateLimit, maxConnections, network, inherited, hostAccess
    case allowsInterVM = "allowInterVm"
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    if let attachment {
      let settings = attachment.settings
      try values.encode(attachment.vmID, forKey: .vmID)
      try values.encode(attachment.interfaceID, forKey: .interfaceID)
      try values.encode(settings.egress.isEmpty ? nil : settings.egress, forKey: .own)
      try values.encode(settings.published, forKey: .published)
      try values.encode(settings.rateLimit.isEmpty ? nil : settings.rateLimit, forKey: .rateLimit)
      try values.encode(settings.maxConnections ?? .atMost(MaximumConnections.standard), forKey: .maxConnections)
    }
    try values.encode(network.name, forKey: .network)
    try values.encode(network.settings.egress.explicit, forKey: .inherited)
    try values.encode(network.settings.hostAccess, forKey: .hostAccess)
    try values.encode(network.settings.allowsInterVM, forKey: .allowsInterVM)
  }
}

extension Engine {
  func policies(of attachments: [Attachment]) throws(TapestryError) -> [EffectivePolicy] {
    try attachments.map { attachment throws(TapestryError) in
      EffectivePolicy(attachment: attachment, network: try network(named: attachment.network))
    }
  }
}

/// What a change of policies would come to.
private struct PolicyPreview: Encodable {
  var policies: [EffectivePolicy]
  var ending: [String]
}

extension OutputOptions {
  func show(_ policies: [EffectivePolicy]) { show(policies, text: [policies.text]) }

  /// Prints the resulting policies and the connections that would end.
  func show(_ policies: [EffectivePolicy], ending: [String]) {
    let connections =
      ending.isEmpty ? ["no connection would end"] : ["connections that would end"] + ending.map { "  \($0)" }
    show(PolicyPreview(policies: policies, ending: ending), text: [policies.text] + connections)
  }
}

extension [EffectivePolicy] {
  fileprivate var text: String { map { $0.lines.joined(separator: "\n") }.joined(separator: "\n\n") }
}

extension IPPrefix {
  /// Whether the prefix is a single address, and this host has it.
  fileprivate var isOfThisHost: Bool {
    switch self {
    case .v4(let prefix): prefix.prefixLength == 32 && (try? LocalAddress.mayBeBound(prefix.address)) == true
    case .v6(let prefix): prefix.prefixLength == 128 && (try? LocalAddress.mayBeBound(prefix.address)) == true
    }
  }
}
