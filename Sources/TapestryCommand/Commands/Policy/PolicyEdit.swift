import Tapestry

/// A change of a policy from the command line. Settings that the command line does not name stay unchanged.
struct PolicyEdit {
  private let reach: EgressPolicy.Reach?
  private let lists: [ListEdit<EgressPolicy>]
  private let services: ListEdit<NetworkSettings>?

  /// - Throws: `INVALID_POLICY`.
  init(
    _ verb: ListVerb, reach: EgressPolicy.Reach? = nil, _ options: EgressListOptions, hostAccess: String?
  ) throws(TapestryError) {
    self.reach = reach
    let named = options.named
    var lists: [ListEdit<EgressPolicy>] = []
    for list in EgressPolicy.lists {
      if let texts = named[list.name] { lists.append(try list.edit(verb, texts)) }
    }
    self.lists = lists
    services = try hostAccess.map { text throws(TapestryError) in
      // Split the list, so that a missing service is reported by name.
      let words = verb == .set ? [text] : text.split(separator: ",").map(String.init)
      return try ListEdit(verb, words, in: \.hostAccess.list) { word throws(TapestryError) in
        try HostAccess(parsing: word).list
      }
    }
  }

  /// - Returns: the entries to remove that are not in the policy.
  func apply(to policy: inout EgressPolicy) -> Set<String> {
    if let reach { policy.reach = reach }
    return lists.reduce(into: []) { $0.formUnion($1.apply(&policy)) }
  }

  /// - Returns: the entries to remove that are not in the settings.
  func apply(to settings: inout NetworkSettings) -> Set<String> {
    (services?.apply(&settings) ?? []).union(apply(to: &settings.egress))
  }
}
