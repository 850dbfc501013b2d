import NetTypes

/// What a policy says has to come true: what cannot is refused, rather than taken and forgotten. A denial of what is out
/// of reach in any case is true.
extension EgressPolicy {
  /// How many rules a policy may have: what they come to has its bounds then.
  public static let maximumRules = 128

  /// How many domains: each is a rule of the ruleset's, passed by what begins a connection.
  public static let maximumDomains = 64

  /// - Parameter before: what is in place of; what it said too is not judged again.
  /// - Throws: `INVALID_POLICY`.
  func validate(in network: Network, insteadOf before: EgressPolicy = EgressPolicy()) throws(TapestryError) {
    guard rules.count <= Self.maximumRules else {
      throw TapestryError(
        .invalidPolicy,
        "A policy of \(rules.count) rules: at most \(Self.maximumRules) are allowed. Ports without a protocol count twice."
      )
    }
    guard domains.count <= Self.maximumDomains else {
      throw TapestryError(
        .invalidPolicy, "A policy of \(domains.count) domains: at most \(Self.maximumDomains) are allowed")
    }
    for rule in rules where !before.rules.contains(rule) { try Self.validate(rule, in: network) }
    if let rule = rules.withoutEffect.subtracting(before.rules.withoutEffect).first {
      throw Self.vain(rule, "other rules, which come first, decide all of it otherwise")
    }
    for domain in domains where !before.domains.contains(domain) { try validate(domain, in: network) }
  }

  private static func validate(_ rule: TrafficRule, in network: Network) throws(TapestryError) {
    let destination = rule.traffic.destination
    if network.decidesItself(destination) {
      throw vain(
        rule,
        "guests of network \(network.name) reach each other with --allow-inter-vm or not at all, and the host as "
          + "--host-access says")
    }
    guard rule.verdict == .allow else { return }
    if SpecialUse.isNeverForwarded(destination) { throw vain(rule, "no host forwards packets there") }
    if case .v6 = destination, network.subnet6 == nil {
      throw vain(rule, "network \(network.name) has no IPv6. Create it with --subnet6")
    }
  }

  /// Domains where nobody would learn of them, or nothing is closed that they could open.
  private func validate(_ domain: DomainPattern, in network: Network) throws(TapestryError) {
    guard network.nameServer != nil else {
      throw Self.vain(
        domain, "network \(network.name) has no name server to learn from where it is. Create it with --dns-server")
    }
    guard domain.name != network.domain, !domain.name.hasSuffix(".\(network.domain)") else {
      throw Self.vain(
        domain, "it is of network \(network.name)'s own names. Guests reach each other with --allow-inter-vm")
    }
    let reach = network.reach(of: self)
    guard reach == .nothing else {
      throw Self.vain(
        domain, "with --egress \(reach.rawValue) it is within reach already, and so is every other. Add --egress none")
    }
  }

  private static func vain(_ rule: TrafficRule, _ reason: String) -> TapestryError {
    TapestryError(.invalidPolicy, "'\(rule)' would have no effect: \(reason)")
  }

  private static func vain(_ domain: DomainPattern, _ reason: String) -> TapestryError {
    TapestryError(.invalidPolicy, "'\(domain)' cannot be allowed: \(reason)")
  }
}

extension EgressPolicy {
  /// What it allows, though nothing is closed that this could open: neither by the reach that it is about, nor by a denial
  /// of its own or its network's. With others of these it may come to have an effect.
  public func idleAllowances(in network: Network) -> [Traffic] {
    guard network.reach(of: self) == .all else { return [] }
    return allow.filter { traffic in
      !SpecialUse.closed.contains { $0.contains(traffic.destination) }
        && !(deny + network.egress.deny).contains { $0.overlaps(traffic) }
    }
  }
}

extension Network {
  /// What its guests reach where nothing else is said.
  var reach: EgressPolicy.Reach { egress.reach == .inherited ? .all : egress.reach }

  /// What a guest with this policy of its own reaches where no rule says anything.
  public func reach(of own: EgressPolicy) -> EgressPolicy.Reach { own.reach == .inherited ? reach : own.reach }

  /// Whether a destination is in its own subnet, where rules are not asked: but for the gateway's address, at which ports
  /// of other guests may be published.
  fileprivate func decidesItself(_ destination: IPPrefix) -> Bool {
    guard destination != .v4(IPv4Prefix(host: subnet.gateway)) else { return false }
    return IPPrefix.v4(subnet.prefix).contains(destination)
      || (subnet6.map { IPPrefix.v6($0).contains(destination) } ?? false)
  }
}
