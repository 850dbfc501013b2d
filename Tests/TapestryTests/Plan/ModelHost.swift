import Linux
import NetTypes

@testable import Tapestry

/// The kernel as a value: what it has after a step.
extension Observed {
  func applying(_ step: Step) -> Observed {
    var after = self
    after.apply(step)
    return after
  }

  private mutating func apply(_ step: Step) {
    switch step {
    case .installRuleset(let new): ruleset = .intact(new)
    case .changeRuleset(let change):
      guard case .intact(var present) = ruleset else { return }
      present.apply(change)
      ruleset = .intact(present)
    case .removeRuleset: ruleset = .missing
    case .createBridge(let network):
      let index = freeIndex
      links[network.bridge.rawValue] = ObservedLink(
        index: index, name: network.bridge.rawValue, kind: "bridge", mark: network.mark, mtu: network.mtu, isUp: true)
      set(network)
    case .setBridge(let network): set(network)
    case .setSwitch(let network, let choice, let isOn):
      if isOn {
        links[network.bridge.rawValue]?.switches.insert(choice)
      } else {
        links[network.bridge.rawValue]?.switches.remove(choice)
      }
    case .addGateway(let network):
      links[network.bridge.rawValue]?.addresses[.v4(network.subnet.gateway)] = network.subnet.prefixLength
    case .addGateway6(let network):
      for address in network.bridgeAddresses6 { links[network.bridge.rawValue]?.addresses[.v6(address)] = 64 }
      let forwarding = forwarding6
      links[network.bridge.rawValue]?.settings6 = .init(forwarding: forwarding, routers: 0)
    case .setChecksumFilter(let network):
      checksumFilter = .inPlace
      links[network.bridge.rawValue]?.isFiltered = true
    case .createTap(let guest):
      links[guest.lease.tapName.rawValue] = ObservedLink(
        index: freeIndex, name: guest.lease.tapName.rawValue, kind: "tun", mark: guest.mark, mtu: 1500, isUp: false)
      set(guest)
    case .setTap(let guest): set(guest)
    case .deleteTap(let guest): delete(guest.lease.tapName.rawValue) { $0.mark == guest.mark }
    case .deleteLink(let name, let index, let mark): delete(name) { $0.index == index && $0.mark == mark }
    case .addAccepts(let network, let prefix, let chain):
      setAccepts(of: network, prefix.family, in: chain, ForeignForward.acceptances(prefix))
    case .removeAccepts(let network, let family, let chain): setAccepts(of: network, family, in: chain, [])
    case .setNames, .forgetNames, .requireNameServer, .startNameServer, .stopNameServer, .removeNameServer:
      names.apply(step)
    case .setSysctl(let sysctl, let value), .restoreSysctl(let sysctl, let value):
      sysctls[sysctl] = value
      guard sysctl == .ipv6Forward else { return }
      let forwarding = forwarding6
      for name in links.keys where links[name]?.settings6 != nil { links[name]?.settings6?.forwarding = forwarding }
    }
  }

  private var forwarding6: Int32 { sysctls[.ipv6Forward] == "1" ? 1 : 0 }
  private var freeIndex: Int32 { (links.values.map(\.index).max() ?? 0) + 1 }

  private mutating func set(_ network: Network) {
    guard var link = links[network.bridge.rawValue] else { return }
    // A bridge that gets another MAC forgets its neighbours.
    if link.mac != network.bridgeMAC { link.neighbors = [:] }
    link.mac = network.bridgeMAC
    link.mtu = network.mtu
    link.isUp = true
    link.forwards = true
    link.answersForItselfOnly = network.mode == .bridge
    links[network.bridge.rawValue] = link
  }

  private mutating func set(_ guest: Desired.Guest) {
    let network = guest.network
    guard var link = links[guest.lease.tapName.rawValue] else { return }
    link.mac = guest.hostMAC
    link.mtu = network.mtu
    link.isUp = true
    link.forwards = true
    link.group = GuestGroup(guest)
    link.isFiltered = checksumFilter == .inPlace
    link.receiveRate = guest.lease.settings.rateLimit.receiveBytes
    link.owner = guest.lease.tapOwner
    let neighbors6 = guest.addresses6.map { (IPAddress.v6($0), guest.mac) }
    if network.mode == .bridge {
      link.master = links[network.bridge.rawValue]?.index
      link.isIsolated = !network.settings.allowsInterVM
      link.isQuiet = true
      link.forwardsLinkLocalGroups = true
      link.entries[guest.lease.mac] = guest.bridgeEntry
      for (address, mac) in neighbors6 { links[network.bridge.rawValue]?.neighbors[address] = mac }
    } else {
      link.master = nil
      link.routedAddresses.insert(.v4(guest.lease.address))
      link.neighbors[.v4(guest.neighborAddress)] = guest.mac
      for (address, mac) in neighbors6 { link.neighbors[address] = mac }
      link.answersForOthers = true
      link.isStrict = true
      link.switches = guest.lease.settings.isReachedFromLoopback ? [.routesLoopback] : []
      if let address = guest.address6 {
        link.settings6 = .init(forwarding: forwarding6, routers: 0)
        link.addresses[.v6(Network.gateway6)] = 64
        link.routedAddresses.insert(.v6(address))
      }
    }
    links[guest.lease.tapName.rawValue] = link
  }

  private mutating func delete(_ name: String, where isIt: (ObservedLink) -> Bool) {
    guard let link = links[name], isIt(link) else { return }
    links[name] = nil
    for port in links.values where port.master == link.index { links[port.name]?.master = nil }
  }

  private mutating func setAccepts(
    of network: Identifier, _ family: IPFamily, in chain: ForeignChain, _ accepts: [ForeignForward.Acceptance]
  ) {
    for index in foreignForwards.indices where foreignForwards[index].family == family {
      foreignForwards[index].marked.removeAll { $0.network == network && $0.chain == chain }
      guard foreignForwards[index].place == chain else { continue }
      foreignForwards[index].marked += accepts.map {
        ForeignForward.Marked(chain: chain, network: network, accepts: $0)
      }
    }
  }
}

extension Ruleset {
  fileprivate mutating func apply(_ change: RulesetChange) {
    networks.subtract(change.removedNetworks)
    networks.formUnion(change.addedNetworks)
    guests.subtract(change.removedGuests)
    guests.formUnion(change.addedGuests)
    domainLists.subtract(change.removedDomains)
    domainLists.formUnion(change.addedDomains)
    connectionLimits.subtract(change.removedConnectionLimits)
    connectionLimits.formUnion(change.addedConnectionLimits)
  }
}

extension ObservedNames {
  fileprivate mutating func apply(_ step: Step) {
    switch step {
    case .setNames(let guest):
      guard let records = NameService.records(of: guest) else { return }
      let file = records.address.description
      services[guest.network.name, default: .init()].hosts[file] = records.host
      services[guest.network.name, default: .init()].leases[file] = records.lease
    case .forgetNames(let network, let file):
      services[network]?.hosts[file] = nil
      services[network]?.leases[file] = nil
    case .startNameServer(let service):
      services[service.network.name, default: .init()].processes = NameServerRole.allCases.compactMap { role in
        service.arguments(of: role, place).map {
          Process(role: role, identity: ProcessIdentity(pid: 1, startTime: 1), arguments: $0, isHere: true)
        }
      }
    case .stopNameServer(let network): services[network]?.processes = []
    case .removeNameServer(let network): services[network] = nil
    default: break
    }
  }
}
