/// A list of an egress policy, as text. Options, JSON and messages name it alike.
package struct EgressList: Sendable {
  /// `allow-domain`.
  package let name: String
  /// The most entries that a policy can have, and how many one has; nil if they are limited otherwise.
  let limit: (maximum: Int, count: @Sendable (EgressPolicy) -> Int)?
  /// In reports, before each entry; nil for lists of rules, which are reported in their own order.
  package let verb: String?
  /// The entries of a policy.
  package let texts: @Sendable (EgressPolicy) -> [String]
  /// Parses entries, for a change of a policy.
  package let edit: @Sendable (ListVerb, [String]) throws(TapestryError) -> ListEdit<EgressPolicy>

  fileprivate init<Element: Equatable & Sendable & CustomStringConvertible>(
    _ name: String, verb: String? = nil, maximum: Int?,
    _ path: @autoclosure @escaping @Sendable () -> any WritableKeyPath<EgressPolicy, [Element]> & Sendable,
    _ parse: @escaping @Sendable (String) throws(TapestryError) -> [Element]
  ) {
    self.name = name
    self.verb = verb
    limit = maximum.map { ($0, { $0[keyPath: path()].count }) }
    texts = { $0[keyPath: path()].map(\.description) }
    edit = { verb, texts throws(TapestryError) in try ListEdit(verb, texts, in: path(), parse) }
  }

  /// The entries of a policy, for reports: `allow example.org`.
  package func lines(_ policy: EgressPolicy) -> [String] {
    verb.map { verb in texts(policy).map { "\(verb) \($0)" } } ?? []
  }
}

extension EgressPolicy {
  /// All lists, in the order in which they are read.
  package static let lists: [EgressList] = [
    EgressList("allow", maximum: nil, \.allow) { text throws(TapestryError) in try [Traffic](parsing: text) },
    EgressList("deny", maximum: nil, \.deny) { text throws(TapestryError) in try [Traffic](parsing: text) },
    EgressList("allow-domain", verb: "allow", maximum: maximumDomains, \.domains) { text throws(TapestryError) in
      [try DomainPattern(parsing: text)]
    },
    EgressList("allow-label", verb: "allow guests", maximum: Labels.maximum, \.labels) { text throws(TapestryError) in
      [try Label(parsing: text)]
    },
  ]
}
