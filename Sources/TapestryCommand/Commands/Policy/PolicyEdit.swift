import Tapestry

/// A change of a policy from the command line. Settings that the command line does not name stay unchanged.
struct PolicyEdit {
  let verb: ListVerb
  private let reach: EgressPolicy.Reach?
  private let allow: ListEdit<Traffic>?
  private let deny: ListEdit<Traffic>?
  private let domains: ListEdit<DomainPattern>?
  private let services: ListEdit<HostAccess.Service>?

  /// - Throws: `INVALID_POLICY`.
  init(
    _ verb: ListVerb, reach: EgressPolicy.Reach? = nil, _ lists: EgressListOptions, hostAccess: String?
  ) throws(TapestryError) {
    self.verb = verb
    self.reach = reach
    allow = try ListEdit(verb, lists.allow, [Traffic].init(parsing:))
    deny = try ListEdit(verb, lists.deny, [Traffic].init(parsing:))
    domains = try ListEdit(verb, lists.allowDomain) { text throws(TapestryError) in
      [try DomainPattern(parsing: text)]
    }
    // Split the list, so that a missing service is reported by name. 'none' is the empty list.
    let words = hostAccess.map { verb == .set ? [$0] : $0.split(separator: ",").map(String.init) }
    services = try ListEdit(verb, words ?? []) { text throws(TapestryError) in
      Array(try HostAccess(parsing: text).services)
    }
  }

  /// - Returns: the entries to remove that are not in the policy.
  func apply(to policy: inout EgressPolicy) -> Set<String> {
    if let reach { policy.reach = reach }
    return (allow?.apply(verb, to: &policy.allow) ?? []).union(deny?.apply(verb, to: &policy.deny) ?? [])
      .union(domains?.apply(verb, to: &policy.domains) ?? [])
  }

  /// - Returns: the entries to remove that are not in the settings.
  func apply(to settings: inout NetworkSettings) -> Set<String> {
    var list = Array(settings.hostAccess.services)
    let absent = services?.apply(verb, to: &list) ?? []
    settings.hostAccess.services = Set(list)
    return absent.union(apply(to: &settings.egress))
  }
}
