import NetTypes

extension Overlap {
  /// The first thing that the IPv6 subnet overlaps, in words; nil where it is free. As with IPv4; and a prefix out of one
  /// that the host itself refuses is free, because that is how a delegated prefix is kept (RFC 7084, 4.2).
  static func first(
    of subnet: IPv6Prefix, others: [Network], observed: Observed, except mark: OwnerMark? = nil
  ) -> String? {
    for network in others where network.mark != mark {
      if let present = network.subnet6, present.overlaps(subnet) { return "\(present) of network '\(network.name)'" }
    }
    let own = observed.links(of: mark?.network)
    let links = observed.links.values.filter { !own.contains($0.index) }
    for link in links.sorted(by: { $0.index < $1.index }) {
      for (address, length) in link.addresses6.sorted(by: { $0.key < $1.key }) {
        guard let prefix = try? IPv6Prefix(containing: address, prefixLength: length), prefix.overlaps(subnet) else {
          continue
        }
        return "the host's address \(address)/\(length) on \(link.name)"
      }
    }
    for route in observed.routes6 where route.link.map({ !own.contains($0) }) ?? true {
      // A default route is ::/0, or 2000::/3 for all that is given out.
      guard route.destination.prefixLength > 3, route.destination.overlaps(subnet) else { continue }
      if route.isRefused, route.destination.prefixLength < subnet.prefixLength { continue }
      let via = route.link.flatMap(observed.link(index:)).map { " on \($0.name)" } ?? ""
      return "the host's route to \(route.destination)\(via)"
    }
    return nil
  }
}
