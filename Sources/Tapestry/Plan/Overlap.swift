import NetTypes

/// What a new network's subnet must not overlap: addresses that no guest can have, other networks, the host's
/// addresses, its routes.
enum Overlap {
  /// The first thing that the subnet overlaps, in words; nil where it is free.
  ///
  /// The default route overlaps everything and nothing. Addresses and routes of links that already carry `mark`, and those
  /// of the network's guests, are its own.
  static func first(
    of subnet: IPv4Subnet, others: [Network], observed: Observed, except mark: OwnerMark? = nil
  ) -> String? {
    if let special = special.first(where: { $0.range.overlaps(subnet) }) { return "\(special.range), \(special.use)" }
    if let network = others.first(where: { $0.mark != mark && $0.subnet.overlaps(subnet) }) {
      return "\(network.subnet) of network '\(network.name)'"
    }
    let own = observed.links(of: mark?.network)
    for address in observed.addresses where !own.contains(address.link) {
      guard let prefix = try? IPv4Prefix(containing: address.address, prefixLength: address.prefixLength),
        prefix.overlaps(subnet.prefix)
      else { continue }
      return "the host's address \(address.address)/\(address.prefixLength) on \(name(address.link, observed))"
    }
    for route in observed.routes where route.link.map({ !own.contains($0) }) ?? true {
      // 0.0.0.0/1 and 128.0.0.0/1 are a VPN's default route.
      guard route.destination.prefixLength > 1, route.destination.overlaps(subnet.prefix) else { continue }
      let via = route.link.map { " on \(name($0, observed))" } ?? ""
      return "the host's route to \(route.destination)\(via)"
    }
    return nil
  }

  /// Where guests would be reached by nobody, whatever the host's routes: RFC 6890.
  private static let special: [(range: IPv4Subnet, use: String)] = [
    (IPv4Subnet(known: IPv4Address(0, 0, 0, 0), prefixLength: 8), "which means a host that has no address yet"),
    (IPv4Subnet(known: IPv4Address(127, 0, 0, 0), prefixLength: 8), "the loopback addresses"),
    (
      IPv4Subnet(known: IPv4Address(169, 254, 0, 0), prefixLength: 16),
      "the link-local addresses, which no guest may reach"
    ), (IPv4Subnet(known: IPv4Address(224, 0, 0, 0), prefixLength: 4), "the multicast addresses"),
  ]

  private static func name(_ index: Int32, _ observed: Observed) -> String {
    observed.link(index: index)?.name ?? "link \(index)"
  }
}

extension Observed {
  /// The indices of a network's links: its bridge, and its guests' TAPs.
  func links(of network: Identifier?) -> Set<Int32> {
    guard let network else { return [] }
    return Set(links.values.filter { $0.mark?.network == network }.map(\.index))
  }
}
