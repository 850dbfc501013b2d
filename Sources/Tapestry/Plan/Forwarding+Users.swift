import NetTypes

/// Other users of the host that may need forwarding and what it turns on. The kernel does not say who does.
extension Observed {
  /// In words; empty if there are none.
  var otherForwardingUsers: [String] {
    let uplinks = Set(IPFamily.allCases.flatMap(defaultRoutes).compactMap(\.link))
    // The host itself reaches the outside through its uplink whether it forwards or not.
    let links = links.values.filter { link in
      link.isUp && !link.isOwned && !uplinks.contains(link.index)
        && link.kind.map(Self.forwardedKinds.contains) ?? false
    }
    let forwards = foreignForwards.filter(\.hasRules).map(\.chain)
    let translations = foreignTranslations.filter(\.hasRules).map(\.chain)
    var seen: Set<ForeignChain> = []
    let chains = (forwards + translations).filter { seen.insert($0).inserted }
    return links.sorted { $0.index < $1.index }.map { "\($0.kind ?? "link") \($0.name)" }
      + chains.map { "chain '\($0)'" }
  }

  /// Kinds of links that lead behind the host (IFLA_INFO_KIND): networks of other machines and containers, tunnels.
  private static let forwardedKinds: Set<String> = [
    "bridge", "erspan", "geneve", "gre", "gretap", "gtp", "ip6erspan", "ip6gre", "ip6gretap", "ip6tnl", "ipip",
    "ipvlan",
    "ipvtap", "l2tpeth", "macvlan", "macvtap", "netkit", "ovpn", "ppp", "sit", "tun", "veth", "vrf", "vti", "vti6",
    "vxlan", "wireguard", "xfrm",
  ]

  /// The routes by which packets leave the host.
  func defaultRoutes(_ family: IPFamily) -> [ObservedRoute] {
    routes.filter { $0.destination.family == family && $0.destination.isDefault && !$0.isRefused }
  }
}
