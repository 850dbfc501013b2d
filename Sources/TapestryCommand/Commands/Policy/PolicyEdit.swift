import Tapestry

/// A change of a policy, as a command line names it: what it does not name stays.
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
    allow = try ListEdit(verb, lists.allow, Traffic.parse)
    deny = try ListEdit(verb, lists.deny, Traffic.parse)
    domains = try ListEdit(verb, lists.allowDomain) { text throws(TapestryError) in
      [try DomainPattern(validating: text)]
    }
    // Each by itself, so that one which is not there to be removed is named. 'none' is a list without any.
    let words = hostAccess.map { verb == .set ? [$0] : $0.split(separator: ",").map(String.init) }
    services = try ListEdit(verb, words ?? []) { text throws(TapestryError) in
      Array(try HostAccess.parse(text).services)
    }
  }

  func apply(to policy: inout EgressPolicy) throws(TapestryError) {
    if let reach { policy.reach = reach }
    try allow?.apply(verb, to: &policy.allow, called: "what is allowed")
    try deny?.apply(verb, to: &policy.deny, called: "what is denied")
    try domains?.apply(verb, to: &policy.domains, called: "the domains")
  }

  func apply(to settings: inout NetworkSettings) throws(TapestryError) {
    try apply(to: &settings.egress)
    guard let services else { return }
    var list = Array(settings.hostAccess.services)
    try services.apply(verb, to: &list, called: "the host access")
    settings.hostAccess.services = Set(list)
  }
}
