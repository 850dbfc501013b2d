import NetTypes

@testable import Tapestry

extension FuzzTarget {
  /// Text as traffic, a policy, host access, a published port, a rate limit, a number of connections, addresses, a
  /// network's settings, a name, a domain and the set that is called by it.
  static let policies = FuzzTarget("policies", longest: 256) { bytes in
    let text = bytes.text
    for traffic in (try? [Traffic](parsing: text)) ?? [] {
      expect(try? [Traffic](parsing: traffic.description), are: [traffic], text)
      hold(
        traffic.ports == Traffic.allPorts || [6...6, 17...17].contains(traffic.protocols), "only TCP and UDP have ports"
      )
    }
    for port in (try? [PublishedPort](parsing: text)) ?? [] {
      expect(try? [PublishedPort](parsing: port.description), are: [port], text)
    }
    if let policy = EgressPolicy(text: text) {
      hold(
        EgressPolicy(text: policy.description) == policy, "a policy is written as it was read: \(text.debugDescription)"
      )
      if policy.rules.count <= 16 { checkRules(policy) }
    }
    if let access = try? HostAccess(parsing: text) {
      hold((try? HostAccess(parsing: access.description)) == access, "host access is written as it was read")
    }
    if let addresses = [IPv4Address](text: text) {
      hold([IPv4Address](text: addresses.text) == addresses, "and so are the addresses of name servers")
    }
    if let settings = NetworkSettings(text: text) {
      hold(
        NetworkSettings(text: settings.text) == settings, "and so are a network's settings: \(text.debugDescription)")
    }
    if let id = Identifier(text: text) {
      let label = Array(id.domainLabel.utf8)
      hold((1...63).contains(label.count) && label.first != 45 && label.last != 45, "a label is one: \(id.domainLabel)")
      hold(label.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }, "\(id.domainLabel)")
    }
    if let domain = try? DomainPattern(parsing: text) {
      hold(
        (try? DomainPattern(parsing: domain.description)) == domain, "and so are domains: \(text.debugDescription)")
      let sets = DomainSet(bridge: Network.defaultBridge, pattern: domain)
      hold(DomainSet(name: sets.name) == sets, "a set's name tells its domain: \(sets.name)")
      // What a command line of dnsmasq's, and a script of nft's, take for more than a word.
      hold(!sets.name.utf8.contains { "/,#{};\" ".utf8.contains($0) }, "a set's name is one word: \(sets.name)")
    }
    if let sets = DomainSet(name: text) {
      hold(DomainSet(name: sets.name) == sets, "and is written as it was read: \(text.debugDescription)")
    }
    if let limit = try? RateLimit(parsing: text) {
      hold((try? RateLimit(parsing: limit.description)) == limit, "and so are limits")
    }
    if let limit = try? MaximumConnections(parsing: text) {
      hold(limit.description == text && MaximumConnections(limit.verdict) == limit, "a number of connections is one")
    }
  }

  private static func expect<Value: Equatable>(_ values: [Value]?, are expected: [Value], _ text: String) {
    hold(values == expected, "printed and read, the same: \(text.debugDescription)")
  }

  /// Rules without overlaps say the same in any order, and again.
  private static func checkRules(_ policy: EgressPolicy) {
    let rules = policy.disjointRules
    hold(Set(Array(rules).disjoint(closing: SpecialUse.closed)) == rules, "without overlaps they stay as they are")
    hold(
      rules.allSatisfy { rule in
        policy.rules.contains { $0.verdict == rule.verdict && $0.traffic.overlaps(rule.traffic) }
      },
      "nothing is allowed or denied that no rule says")
  }
}
