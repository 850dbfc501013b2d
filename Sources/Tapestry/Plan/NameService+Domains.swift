/// How a network's dnsmasqs are to learn where the domains are that policies allow.
///
/// Of domains of the command line the longest that a name ends with counts, and no other; so each has all the sets to
/// fill, those of the domains above it too.
extension NameService {
  private var wildcards: [DomainPattern] { domains.filter(\.isWildcard).sorted() }

  /// The names of which they themselves are to be learnt: those that are allowed, and those of which the names below are,
  /// but that are below another of these.
  private var exactNames: [String] {
    let between = wildcards.map(\.name).filter { name in wildcards.contains { $0.covers(below: name) } }
    return Set(domains.filter { !$0.isWildcard }.map(\.name) + between).sorted()
  }

  /// Whom the server asks about which names.
  var routes: [String] {
    let below = "\(network.subnet.gateway)#\(NameServerRole.below.port)"
    var routes = exactNames.map { "--server=/\($0)/\(network.subnet.gateway)#\(NameServerRole.exact.port)" }
    routes += wildcards.map { "--server=/*.\($0.name)/\(below)" }
    // What is below a name goes where the name itself goes, unless that is said otherwise.
    for name in exactNames where !wildcards.contains(where: { $0.name == name }) {
      routes.append("--server=/*.\(name)/\(wildcards.contains { $0.covers(below: name) } ? below : "#")")
    }
    return routes
  }

  /// The sets to fill, by domain.
  func fillings(of role: NameServerRole) -> [String] {
    switch role {
    case .server: []
    case .exact:
      exactNames.map { name in
        filling(name, domains.filter { $0.isWildcard ? $0.covers(below: name) : $0.name == name })
      }
    case .below:
      wildcards.map { wildcard in
        filling(wildcard.name, wildcards.filter { $0 == wildcard || $0.covers(below: wildcard.name) })
      }
    }
  }

  private func filling(_ name: String, _ patterns: some Sequence<DomainPattern>) -> String {
    let sets = patterns.sorted().map { DomainSet(bridge: network.bridge, pattern: $0) }
    let words = sets.flatMap { ["4#inet#tapestry#\($0.name)", "6#inet#tapestry#\($0.name6)"] }
    return "--nftset=/\(name)/\(words.joined(separator: ","))"
  }

  /// The domains that processes with these arguments learn of.
  static func domains(of arguments: [String]) -> Set<DomainPattern> {
    let words = arguments.filter { $0.hasPrefix("--nftset=/") }.flatMap { $0.split { "/,#".contains($0) } }
    return Set(words.compactMap { DomainSet(name: $0)?.pattern })
  }
}
