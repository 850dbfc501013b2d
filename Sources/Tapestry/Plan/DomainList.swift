import NetTypes

/// The domains of one policy, in one network: what its guests, or all of them, may reach as it gets known.
struct DomainList: Hashable, Sendable {
  /// Of the network.
  var bridge: InterfaceName
  var patterns: Set<DomainPattern>

  /// nil where there are none.
  init?(_ bridge: InterfaceName, _ patterns: some Sequence<DomainPattern>) {
    self.bridge = bridge
    self.patterns = Set(patterns)
    if self.patterns.isEmpty { return nil }
  }

  var sets: Set<DomainSet> { Set(patterns.map { DomainSet(bridge: bridge, pattern: $0) }) }
}

/// The addresses that the name server of a network has told of the names of a pattern.
struct DomainSet: Hashable, Sendable {
  /// Of the network.
  var bridge: InterfaceName
  var pattern: DomainPattern
}

extension DomainSet {
  /// What the two sets of the table `inet tapestry` are called: `name.example.org..svbr0`, or `below.example.org..svbr0`;
  /// a domain has no empty label.
  var name: String { name("") }
  var name6: String { name("6") }

  private func name(_ suffix: String) -> String {
    "\(pattern.isWildcard ? Self.below : Self.exact)\(suffix).\(pattern.name)..\(bridge)"
  }

  private static let exact = "name"
  private static let below = "below"

  /// That a set of IPv4 addresses is called by; nil for other names.
  init?(name: some StringProtocol) {
    guard let dot = name.firstIndex(of: "."), let end = name.firstRange(of: "..") else { return nil }
    let kind = name[..<dot]
    guard kind == Self.exact || kind == Self.below, dot < end.lowerBound,
      let bridge = try? InterfaceName(validating: String(name[end.upperBound...])),
      let pattern = try? DomainPattern(
        validating: (kind == Self.below ? "*." : "") + name[dot..<end.lowerBound].dropFirst())
    else { return nil }
    self.init(bridge: bridge, pattern: pattern)
  }
}

extension DomainList: CustomStringConvertible {
  var description: String { "\(patterns.sorted().map(\.description).joined(separator: ", ")) by \(bridge)" }
}

extension Set<DomainList> {
  var sets: Set<DomainSet> { Set<DomainSet>(flatMap(\.sets)) }
  var inOrder: [DomainList] { sorted { $0.description < $1.description } }
}
