import Linux
import NFTables
import NetTypes
import Xtables

/// Whether foreign chains at the hook input accept the guests' packets to what their networks offer them.
extension FirewallDriver {
  func closedServices(_ networks: [Network], _ observed: Observed) throws(TapestryError) -> [HostFacts.ClosedService] {
    let closed = try TapestryError.translating(
      readTables { table throws(KernelError) in try closedServices(networks, observed, in: table.id) })
    return closed + IPFamily.allCases.flatMap { closedServicesOfLegacy(networks, observed, $0) }
  }

  /// Empty if the family's firewall is not in use or cannot be read, which is another finding.
  private func closedServicesOfLegacy(
    _ networks: [Network], _ observed: Observed, _ family: IPFamily
  ) -> [HostFacts.ClosedService] {
    Self.legacyTables(family).flatMap { name -> [HostFacts.ClosedService] in
      guard let table = try? XtablesSocket(family).read(name), let policy = table.policy(of: Self.legacyInput) else {
        return []
      }
      let chain = ForeignChain(table: .legacy(family, name), name: Self.legacyInput)
      return closed(networks, observed, chain, policy == .drop ? .drop : .accept) { chain, probe in
        table.rules(of: chain).map { ProbedRule($0, probe) }
      }
    }
  }

  private static let legacyInput = "INPUT"

  private func closedServices(
    _ networks: [Network], _ observed: Observed, in table: Table.ID
  ) throws(KernelError) -> [HostFacts.ClosedService] {
    let bases = try ruleset.tables.chains(of: [table]).filter { $0.base?.hook == .input && $0.base?.kind == .filter }
    guard !bases.isEmpty else { return [] }
    let rules = Dictionary(grouping: try ruleset.tables.rules(of: table).map(\.rule), by: \.chain.name)
    var elements: [String: [Element]] = [:]
    for set in try ruleset.tables.sets(of: table) where set.keyTypes.count == 1 {
      elements[set.id.name] = try ruleset.tables.elements(of: set)
    }
    return bases.flatMap { base -> [HostFacts.ClosedService] in
      guard let chain = ForeignChain(base.id) else { return [] }
      return closed(networks, observed, chain, base.base?.policy ?? .accept) { chain, probe in
        rules[chain, default: []].map { ProbedRule($0, probe) { elements[$0] } }
      }
    }
  }

  /// - Parameter rules: The answer of each rule of a chain to a probe.
  private func closed(
    _ networks: [Network], _ observed: Observed, _ chain: ForeignChain, _ policy: Chain.Policy,
    rules: (String, InputProbe) -> [ProbedRule]
  ) -> [HostFacts.ClosedService] {
    networks.flatMap { network -> [HostFacts.ClosedService] in
      let found = network.probes(observed).filter { _, probe in
        chain.table.families.contains(probe.family)
          && ProbeWalk(of: chain.name, policy: policy) { rules($0, probe) }.isDropped
      }
      // One per service: each routed TAP is a link of its own, but one finding is enough.
      return found.reduce(into: [HostFacts.ClosedService]()) { closed, item in
        let (service, probe) = item
        guard !closed.contains(where: { $0.service == service && $0.family == probe.family }) else { return }
        closed.append(
          .init(
            network: network.name, service: service, family: probe.family, chain: chain,
            from: network.mode == .bridge ? .link(probe.link.name) : .addresses(network.prefix(probe.family))))
      }
    }
  }
}

extension Network {
  /// One packet for each of the network's links and each service of the host that the network offers. Empty before it has a
  /// guest or a bridge.
  fileprivate func probes(_ observed: Observed) -> [(HostFacts.ClosedService.Kind, InputProbe)] {
    let bridge = observed.links[self.bridge.rawValue]
    let taps = observed.links.values.filter { $0.kind == "tun" && $0.mark?.network == name }
    let links = mode == .bridge ? [bridge].compactMap(\.self) : taps.sorted { $0.index < $1.index }
    return links.flatMap(probes)
  }

  private func probes(by link: ObservedLink) -> [(HostFacts.ClosedService.Kind, InputProbe)] {
    var probes: [(HostFacts.ClosedService.Kind, InputProbe)] = []
    func add(
      _ kind: HostFacts.ClosedService.Kind, _ number: UInt8, _ transport: InputProbe.Transport,
      from source: IPAddress, to destination: IPAddress
    ) {
      let probe = InputProbe(
        link: (link.name, link.index), source: source, destination: destination, protocolNumber: number,
        transport: transport)
      probes.append((kind, probe))
    }
    let (guest, gateway) = (IPAddress.v4(subnet.firstGuest), IPAddress.v4(subnet.gateway))
    if settings.hostAccess.allowsPing { add(.ping, Traffic.icmp, .icmp(type: 8), from: guest, to: gateway) }
    if settings.nameServer != nil {
      // An ephemeral source port, such as guests choose.
      add(.dns, Traffic.udp, .ports(source: 40_000, destination: 53), from: guest, to: gateway)
      if NameService.servesDHCP(in: mode) {
        let (nobody, everybody) = (IPv4Address(rawValue: 0), IPv4Address(rawValue: .max))
        add(.dhcp, Traffic.udp, .ports(source: 68, destination: 67), from: .v4(nobody), to: .v4(everybody))
      }
    }
    let mac = Identity.mac(vm: "", interface: "")
    guard let host = hostAddress6, let own = address6(of: mac) else { return probes }
    // Any address of the prefix that a guest may have.
    let (guest6, local) = (IPAddress.v6(own), IPAddress.v6(.linkLocal(of: mac)))
    if settings.hostAccess.allowsPing { add(.ping, Traffic.icmpv6, .icmp(type: 128), from: guest6, to: .v6(host)) }
    // ff02::1:ff00:1 for fe80::1 (RFC 4291, 2.7.1).
    let solicited = IPv6Address(rawValue: 0xff02 << 112 | 0x1_ff << 24 | Network.gateway6.rawValue & 0xff_ffff)
    add(.neighbors, Traffic.icmpv6, .icmp(type: 135), from: local, to: .v6(solicited))
    if NameService(self)?.advertisesRouter == true {
      let routers = IPv6Address(rawValue: 0xff02 << 112 | 2)
      add(.routers, Traffic.icmpv6, .icmp(type: 133), from: local, to: .v6(routers))
    }
    return probes
  }
}
