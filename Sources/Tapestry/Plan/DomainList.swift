import NetTypes

/// The domains that one policy allows in one network, to all its guests or to one.
struct DomainList: Hashable, Sendable {
  /// Of the network.
  var bridge: InterfaceName
  var patterns: Set<DomainPattern>

  /// Returns nil if there are no domains.
  init?(_ bridge: InterfaceName, _ patterns: some Sequence<DomainPattern>) {
    self.bridge = bridge
    self.patterns = Set(patterns)
    if self.patterns.isEmpty { return nil }
  }

  var sets: Set<DomainSet> { Set(patterns.map { DomainSet(bridge: bridge, pattern: $0) }) }
}

/// The addresses that a network's name server has returned for names that match a pattern.
struct DomainSet: Hashable, Sendable {
  /// Of the network.
  var bridge: InterfaceName
  var pattern: DomainPattern
}

extension DomainSet {
  /// The names of the two sets in the table `inet tapestry`: `name.example.org..svbr0` or `below.example.org..svbr0`. A
  /// domain has no empty label, so `..` ends it.
  var name: String { name("") }
  var name6: String { name("6") }

  private func name(_ suffix: String) -> String {
    "\(pattern.isWildcard ? Self.below : Self.exact)\(suffix).\(pattern.name)..\(bridge)"
  }

  private static let exact = "name"
  private static let below = "below"

  /// Parses the name of a set of IPv4 addresses. Returns nil for other names.
  init?(name: some StringProtocol) {
    guard let dot = name.firstIndex(of: "."), let end = name.firstRange(of: "..") else { return nil }
    let kind = name[..<dot]
    guard kind == Self.exact || kind == Self.below, dot < end.lowerBound,
      let bridge = try? InterfaceName(parsing: String(name[end.upperBound...])),
      let pattern = try? DomainPattern(
        parsing: (kind == Self.below ? "*." : "") + name[dot..<end.lowerBound].dropFirst())
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
