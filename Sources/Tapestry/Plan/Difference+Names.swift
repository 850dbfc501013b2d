import NetTypes

extension Plan {
  /// Stops name servers that no network wants, and those of bridges that will be made again.
  mutating func endNames(_ desired: Desired, _ observed: Observed) {
    let wanted = Dictionary(
      desired.networks.filter { $0.settings.nameServer != nil }.map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first })
    for (name, service) in observed.names.services.sorted(by: { $0.key < $1.key }) {
      guard let network = wanted[name] else {
        add(.removeNameServer(name), "dnsmasq of network \(name) is not needed", network: name)
        continue
      }
      guard !service.processes.isEmpty, let obstacle = observed.obstacle(to: network) else { continue }
      add(.stopNameServer(name), "dnsmasq of network \(name) \(obstacle.before)", network: name)
    }
  }

  /// Sets guests' names first, then starts the dnsmasq that serves them.
  mutating func repairNames(_ desired: Desired, _ observed: Observed) {
    let place = observed.names.place
    var known: [Identifier: Set<IPv4Address>] = [:]
    for guest in desired.guests {
      guard let records = NameService.records(of: guest) else { continue }
      known[guest.network.name, default: []].insert(records.address)
      let present = observed.names.services[guest.network.name]?.records(of: records.address)
      guard present != records else { continue }
      add(.setNames(guest), "dnsmasq of network \(guest.network.name) does not know \(guest.lease.key)", of: guest)
    }
    for network in desired.networks where !observed.lacksBridge(of: network) {
      guard let service = desired.nameService(of: network) else { continue }
      let present = observed.names.services[network.name] ?? ObservedNames.Service()
      let files = present.files
      let gone =
        files.addresses.subtracting(known[network.name] ?? []).map(\.description).sorted() + files.others.sorted()
      for file in gone {
        add(
          .forgetNames(network.name, file), "dnsmasq of network \(network.name) still knows \(file)",
          network: network.name)
      }
      let obstacle = observed.obstacle(to: network).map { "dnsmasq of network \(network.name) \($0.after)" }
      guard let drift = present.drift(as: service, place) ?? obstacle else { continue }
      add(.startNameServer(service), drift, network: network.name)
    }
  }
}

extension Observed {
  /// Why a correct dnsmasq has to end before its bridge is repaired and start again after that, in words. Returns nil if it
  /// does not have to.
  fileprivate func obstacle(to network: Network) -> (before: String, after: String)? {
    // A dnsmasq that is bound to a deleted bridge does not hear packets on the new one.
    guard let link = links[network.bridge.rawValue] else {
      return ("is bound to a deleted bridge", "has to bind to the new bridge")
    }
    guard NameService(network)?.advertisesRouter == true,
      !network.missingAddresses6(on: link).isEmpty
    else { return nil }
    // dnsmasq looks for its prefix on the bridge once. If it does not find it, it sends no more unsolicited router
    // advertisements; it only answers solicitations.
    return ("has no address to advertise", "has to advertise the bridge's addresses again")
  }
}
