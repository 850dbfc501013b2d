import NetTypes

/// The prefix of a new network must not overlap addresses that no guest can have, other networks, or the host's addresses
/// and routes.
enum Overlap {
  /// The first overlap, in words. Returns nil if there is none.
  ///
  /// Ignores default routes, and addresses and routes of links with `mark` and of that network's guests.
  static func first(
    of prefix: IPPrefix, others: [Network], observed: Observed, except mark: OwnerMark? = nil
  ) -> String? {
    if let special = special.first(where: { $0.prefix.overlaps(prefix) }) { return "\(special.prefix), \(special.use)" }
    for network in others where network.mark != mark {
      guard let other = network.prefix(prefix.family), other.overlaps(prefix) else { continue }
      return "\(other) of network '\(network.name)'"
    }
    let own = observed.links(of: mark?.network)
    for link in observed.links.values.sorted(by: { $0.index < $1.index }) where !own.contains(link.index) {
      for (address, length) in link.addresses.sorted(by: { $0.key < $1.key }) {
        guard let other = try? IPPrefix(containing: address, prefixLength: length), other.overlaps(prefix) else {
          continue
        }
        return "the host's address \(address)/\(length) on \(link.name)"
      }
    }
    for route in observed.routes where route.link.map({ !own.contains($0) }) ?? true {
      guard !route.destination.isDefault, route.destination.overlaps(prefix) else { continue }
      if route.keepsDelegated(prefix) { continue }
      let via = route.link.flatMap(observed.link(index:)).map { " on \($0.name)" } ?? ""
      return "the host's route to \(route.destination)\(via)"
    }
    return nil
  }

  /// IPv4 prefixes in which no guest can be reached (RFC 6890). `Subnet6Request` accepts only global and unique local
  /// prefixes.
  private static let special: [(prefix: IPPrefix, use: String)] = [
    (known(IPv4Address(0, 0, 0, 0), 8), "which stands for a host without an address"),
    (known(IPv4Address(127, 0, 0, 0), 8), "the loopback addresses"),
    (known(IPv4Address(169, 254, 0, 0), 16), "the link-local addresses, which no guest may reach"),
    (known(IPv4Address(224, 0, 0, 0), 4), "the multicast addresses"),
  ]

  private static func known(_ address: IPv4Address, _ length: Int) -> IPPrefix {
    .v4(IPv4Prefix(known: address, prefixLength: length))
  }
}

extension ObservedRoute {
  /// Returns true for a reject route of a delegated IPv6 prefix (`unreachable 2001:db8::/48`) if the given prefix is a
  /// longer one inside it: RFC 7084, 4.2. In IPv4 such a route belongs to a program that assigns the addresses, such as
  /// Calico.
  fileprivate func keepsDelegated(_ prefix: IPPrefix) -> Bool {
    isRefused && prefix.family == .v6 && destination.prefixLength < prefix.prefixLength
  }
}

extension IPPrefix {
  /// Returns true if a route to the prefix counts as a default route. That includes 0.0.0.0/1 and 128.0.0.0/1, which VPNs
  /// add, and 2000::/3, all global addresses.
  var isDefault: Bool { prefixLength <= (family == .v4 ? 1 : 3) }
}

extension Observed {
  /// The indices of a network's links: its bridge and its guests' TAPs.
  func links(of network: Identifier?) -> Set<Int32> {
    guard let network else { return [] }
    return Set(links.values.filter { $0.mark?.network == network }.map(\.index))
  }
}
