import Linux
import NFTables
import NetTypes
import Netlink

/// Whether others' chains at the hook input let guests through to what their networks offer them.
extension LinuxHost {
  func closedServices(_ networks: [Network], _ observed: Observed) throws(TapestryError) -> [HostFacts.ClosedService] {
    var closed: [HostFacts.ClosedService] = []
    let ours = Set(RulesetTables.tables.map(\.id))
    do throws(NetlinkError) {
      for family in [Family.ip, .inet] {
        for table in try tables.tables(family) where !ours.contains(table.id) && !table.flags.contains(.dormant) {
          do throws(NetlinkError) { closed += try closedServices(networks, observed, in: table.id) } catch {
            // It has gone meanwhile, or is of a newer kernel.
            guard [.noSuchFile, .badMessage].contains(error.errno) else { throw error }
          }
        }
      }
    } catch {
      throw TapestryError(error)
    }
    return closed
  }

  private func closedServices(
    _ networks: [Network], _ observed: Observed, in table: Table.ID
  ) throws(NetlinkError) -> [HostFacts.ClosedService] {
    let bases = try tables.chains(of: table).filter { $0.base?.hook == .input && $0.base?.kind == .filter }
    guard !bases.isEmpty else { return [] }
    let rules = Dictionary(grouping: try tables.rules(of: table).map(\.rule), by: \.chain.name)
    var elements: [String: [Element]] = [:]
    for set in try tables.sets(of: table) where set.keyTypes.count == 1 {
      elements[set.id.name] = try tables.elements(of: set)
    }
    var closed: [HostFacts.ClosedService] = []
    for network in networks {
      for (service, probe) in network.probes(observed) {
        for base in bases {
          let walk = ProbeWalk(of: base.id.name, policy: base.base?.policy ?? .accept) { chain in
            rules[chain, default: []].map { ProbedRule($0, probe) { elements[$0] } }
          }
          guard walk.isDropped, let chain = ForeignChain(base.id) else { continue }
          closed.append(.init(network: network.name, service: service, chain: chain, link: probe.link.name))
        }
      }
    }
    return closed
  }
}

extension Network {
  /// One packet for each thing of the host's that the network offers its guests; none before it has a guest or a bridge.
  fileprivate func probes(_ observed: Observed) -> [(HostFacts.ClosedService.Kind, InputProbe)] {
    let bridge = observed.links[self.bridge.rawValue]
    let tap = observed.links.values.filter { $0.kind == "tun" && $0.mark?.network == name }.min { $0.index < $1.index }
    guard let link = mode == .bridge ? bridge : tap else { return [] }
    func probe(_ number: UInt8, _ transport: InputProbe.Transport, broadcast: Bool = false) -> InputProbe {
      InputProbe(
        link: (link.name, link.index), source: broadcast ? IPv4Address(rawValue: 0) : subnet.firstGuest,
        destination: broadcast ? IPv4Address(rawValue: .max) : subnet.gateway, protocolNumber: number,
        transport: transport)
    }
    var probes: [(HostFacts.ClosedService.Kind, InputProbe)] = []
    if hostAccess.allowsPing { probes.append((.ping, probe(Traffic.icmp, .icmp(type: 8)))) }
    guard nameServer != nil else { return probes }
    // From a port as guests choose theirs.
    probes.append((.dns, probe(Traffic.udp, .ports(source: 40_000, destination: 53))))
    if NameService.servesDHCP(in: mode) {
      probes.append((.dhcp, probe(Traffic.udp, .ports(source: 68, destination: 67), broadcast: true)))
    }
    return probes
  }
}
