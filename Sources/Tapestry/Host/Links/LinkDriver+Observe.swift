import Linux
import NFTables
import NetTypes
import RouteNetlink

extension LinkDriver {
  /// Reads the links, the checksum filter, and the routes of all tables.
  func observe(into observed: inout Observed) throws(KernelError) {
    let routes = try route.routes(family: .inet) + route.routes(family: .inet6)
    observed.links = try observeLinks(routes)
    observed.checksumFilter = try observeChecksumFilter()
    observed.localPrefixes = routes.filter(\.addsLocalAddresses).map(\.destination)
    observed.routes = routes.filter { $0.table != .local }.flatMap(ObservedRoute.all)
  }

  func addresses() throws(KernelError) -> HostAddresses {
    HostAddresses(
      own: Set(try route.addresses().compactMap(\.address)),
      taken: try route.routes(family: .unspecified).filter(\.addsLocalAddresses).map(\.destination))
  }

  private func observeLinks(_ routes: [Route]) throws(KernelError) -> [String: ObservedLink] {
    let entries = Dictionary(grouping: try route.forwardingEntries(), by: \.port)
    let routes = Dictionary(grouping: routes.filter(\.isOnLink), by: \.outputLink)
    let neighbors = Dictionary(
      grouping: try (route.neighbors(family: .inet) + route.neighbors(family: .inet6)).filter {
        $0.state == .permanent
      },
      by: \.linkIndex)
    let addresses = Dictionary(
      grouping: try route.addresses(family: .inet) + route.addresses(family: .inet6), by: \.linkIndex)
    var qdiscs: [Int32: RootQdisc] = [:]
    var blocks: [Int32: UInt32] = [:]
    for qdisc in try route.qdiscs() {
      switch qdisc {
      case .root(let root): qdiscs[root.linkIndex] = root
      case .ingress(let ingress): blocks[ingress.linkIndex] = ingress.number
      }
    }
    var links: [String: ObservedLink] = [:]
    for link in try route.links() {
      var observed = ObservedLink(link)
      observed.isFiltered = blocks[link.index] == ChecksumFilter.block
      for entry in entries[link.index, default: []] { observed.entries[entry.macAddress] = BridgeEntry(entry.kind) }
      observed.receiveRate = qdiscs[link.index]?.receiveRate(mtu: observed.mtu)
      observed.routedAddresses = Set(routes[link.index, default: []].map(\.destination.address))
      for neighbor in neighbors[link.index, default: []] { observed.neighbors[neighbor.address] = neighbor.macAddress }
      for own in addresses[link.index, default: []] { observed.addresses[own.address] = Int(own.prefixLength) }
      links[link.name] = observed
    }
    return links
  }
}

extension Route {
  /// Returns true if the route makes the host accept packets to addresses other than its links' own.
  fileprivate var addsLocalAddresses: Bool {
    guard type == .local else { return false }
    return table != .local || destination.prefixLength < destination.family.addressBytes * 8
  }

  /// Returns true if the route leads to one address that is on its link.
  fileprivate var isOnLink: Bool {
    destination.isHost && table == .main && gateway == nil && type == .unicast
  }
}

extension ObservedRoute {
  /// One for each link, or one without a link if the route has none.
  fileprivate static func all(_ route: Route) -> [ObservedRoute] {
    let links: [Int32?] = route.outputLinks.isEmpty ? [nil] : route.outputLinks
    let isRefused = [.blackhole, .unreachable, .prohibit, .throw].contains(route.type)
    return links.map {
      ObservedRoute(link: $0, destination: route.destination, isRefused: isRefused, table: route.table.rawValue)
    }
  }
}

extension ObservedLink {
  init(_ link: Link) {
    self.init(
      index: link.index, name: link.name, kind: link.kind, mark: link.alias.flatMap(OwnerMark.init(alias:)),
      alternativeNames: link.alternativeNames, mac: link.macAddress, mtu: Int(link.mtu),
      isUp: link.isUp, master: link.master, group: RulesetTables.group(link.group),
      isIsolated: link.bridgePort?.isIsolated ?? false,
      isQuiet: link.bridgePort?.learning == false && link.bridgePort?.unicastFlood == false,
      forwardsLinkLocalGroups: link.bridgePort?.groupForwardMask == RulesetTables.guardedGroups,
      answersForOthers: link.ipv4[.proxyARP] == 1,
      isStrict: link.ipv4[.rpFilter] == 1 && link.ipv4[.arpFilter] == 1 && link.ipv4[.arpIgnore] == 0,
      answersForItselfOnly: link.ipv4[.arpIgnore] == 1, forwards: link.ipv4[.forwarding] != 0,
      switches: Set(BridgeSwitch.allCases.filter { link.ipv4[$0.setting] == 1 }),
      owner: TapOwner(link), isOpen: link.hasCarrier)
    settings6 = link.ipv6[.forwarding].map {
      .init(
        forwarding: $0, routers: link.ipv6[.acceptRouterAdvertisements] ?? 0, isDisabled: link.ipv6[.disabled] ?? 0 != 0
      )
    }
  }
}
