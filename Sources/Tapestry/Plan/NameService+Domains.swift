/// How a network's dnsmasq processes learn the addresses of domains that policies allow.
///
/// Of the domains on the command line, only the longest that a name ends with counts. So each domain lists all the sets to
/// fill, including those of the domains above it.
extension NameService {
  private var wildcards: [DomainPattern] { domains.filter(\.isWildcard).sorted() }

  /// The names whose own addresses are to be learnt: allowed names, and names of wildcards that are themselves below
  /// another wildcard.
  private var exactNames: [String] {
    let between = wildcards.map(\.name).filter { name in wildcards.contains { $0.covers(below: name) } }
    return Set(domains.filter { !$0.isWildcard }.map(\.name) + between).sorted()
  }

  /// Which upstream the server queries for which names.
  var routes: [String] {
    let below = "\(network.subnet.gateway)#\(NameServerRole.below.port)"
    var routes = exactNames.map { "--server=/\($0)/\(network.subnet.gateway)#\(NameServerRole.exact.port)" }
    routes += wildcards.map { "--server=/*.\($0.name)/\(below)" }
    // Names below a name go to the same upstream as the name itself unless another option says otherwise.
    for name in exactNames where !wildcards.contains(where: { $0.name == name }) {
      routes.append("--server=/*.\(name)/\(wildcards.contains { $0.covers(below: name) } ? below : "#")")
    }
    return routes
  }

  /// The options that say which sets to fill for which domain.
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

  /// The domains whose addresses processes with these arguments learn.
  static func domains(of arguments: [String]) -> Set<DomainPattern> {
    let words = arguments.filter { $0.hasPrefix("--nftset=/") }.flatMap { $0.split { "/,#".contains($0) } }
    return Set(words.compactMap { DomainSet(name: $0)?.pattern })
  }
}
