import NetTypes

/// Rules that cannot have an effect are rejected rather than ignored. A denial of a destination that is blocked anyway is
/// accepted.
extension EgressPolicy {
  /// The maximum number of rules in a policy. It bounds the number of disjoint rules that they expand to.
  public static let maximumRules = 128

  /// The maximum number of domains in a policy. Each is a rule of the ruleset that every new connection traverses.
  public static let maximumDomains = 64

  /// - Parameter before: the policy that this one replaces. Entries that it already has are not validated again.
  /// - Throws: `INVALID_POLICY`.
  func validate(in network: Network, insteadOf before: EgressPolicy = EgressPolicy()) throws(TapestryError) {
    guard rules.count <= Self.maximumRules else {
      throw TapestryError(
        .invalidPolicy,
        "The policy has \(rules.count) rules: at most \(Self.maximumRules) are allowed. Ports without a protocol count twice"
      )
    }
    for list in Self.lists {
      guard let (maximum, count) = list.limit, count(self) > maximum else { continue }
      throw TapestryError(
        .invalidPolicy, "The policy has \(count(self)) entries of '\(list.name)': at most \(maximum) are allowed")
    }
    let opensGuests = !labels.isEmpty || !network.settings.egress.labels.isEmpty
    for rule in rules where !before.rules.contains(rule) {
      try Self.validate(rule, in: network, opensGuests: opensGuests)
    }
    if let rule = rules.withoutEffect.subtracting(before.rules.withoutEffect).first {
      throw Self.vain(rule, "other rules take precedence and decide otherwise for all of its traffic")
    }
    for domain in domains where !before.domains.contains(domain) { try validate(domain, in: network) }
  }

  /// - Parameter opensGuests: whether labels open the way to guests, and rules narrow it.
  private static func validate(_ rule: TrafficRule, in network: Network, opensGuests: Bool) throws(TapestryError) {
    let destination = rule.traffic.destination
    if network.decidesItself(destination), !opensGuests || network.settings.allowsInterVM {
      throw vain(
        rule,
        """
        in network \(network.name), \(.set(.allowsInterVM)) controls access between guests, and \(.set(.hostAccess)) \
        controls access to the host
        """)
    }
    guard rule.verdict == .allow else { return }
    if SpecialUse.isNeverForwarded(destination) { throw vain(rule, "no host forwards packets there") }
    if case .v6 = destination, network.subnet6 == nil {
      throw vain(rule, "network \(network.name) has no IPv6. Create it with \(.set(.subnet6))")
    }
  }

  /// Rejects domains whose addresses no DNS server learns, or that are allowed anyway.
  private func validate(_ domain: DomainPattern, in network: Network) throws(TapestryError) {
    guard network.settings.nameServer != nil else {
      throw Self.vain(
        domain,
        "network \(network.name) has no DNS server to learn its addresses from. Create it with \(.set(.nameServer))")
    }
    guard domain.name != network.domain, !domain.name.hasSuffix(".\(network.domain)") else {
      throw Self.vain(
        domain,
        """
        it is a name of network \(network.name)'s own guests. Use \(.set(.allowsInterVM)) for access between guests
        """)
    }
    let reach = network.reach(of: self)
    guard reach == .nothing else {
      throw Self.vain(
        domain,
        """
        with \(.set(.reach)) \(reach.rawValue) it is allowed already, like every other domain. Add \(.set(.reach)) none
        """)
    }
  }

  private static func vain(_ rule: TrafficRule, _ reason: TapestryError.Message) -> TapestryError {
    TapestryError(.invalidPolicy, saying: "'\(rule)' would have no effect: \(reason)")
  }

  private static func vain(_ domain: DomainPattern, _ reason: TapestryError.Message) -> TapestryError {
    TapestryError(.invalidPolicy, saying: "'\(domain)' cannot be allowed: \(reason)")
  }
}

extension EgressPolicy {
  /// The allow rules without effect: the reach allows their traffic anyway, and no deny rule of this policy or the
  /// network's matches it. They may have an effect after one of these changes.
  public func idleAllowances(in network: Network) -> [Traffic] {
    guard network.reach(of: self) == .all else { return [] }
    return allow.filter { traffic in
      !SpecialUse.closed.contains { $0.contains(traffic.destination) }
        && !(deny + network.settings.egress.deny).contains { $0.overlaps(traffic) }
    }
  }
}

extension Network {
  /// What its guests reach by default.
  var reach: EgressPolicy.Reach { settings.egress.reach == .inherited ? .all : settings.egress.reach }

  /// What a guest with its own policy reaches if no rule matches.
  public func reach(of own: EgressPolicy) -> EgressPolicy.Reach { own.reach == .inherited ? reach : own.reach }

  /// Whether a destination is in the network's own subnets, where egress rules are not evaluated. The gateway address is
  /// an exception: ports of other guests may be published there.
  fileprivate func decidesItself(_ destination: IPPrefix) -> Bool {
    guard destination != .v4(IPv4Prefix(host: subnet.gateway)) else { return false }
    return IPPrefix.v4(subnet.prefix).contains(destination)
      || (subnet6.map { IPPrefix.v6($0).contains(destination) } ?? false)
  }
}
