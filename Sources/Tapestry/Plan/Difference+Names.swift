import NetTypes

extension Plan {
  /// Ends what serves names to nobody, or by a bridge that is to be made anew.
  mutating func endNames(_ desired: Desired, _ observed: Observed) {
    let wanted = Dictionary(
      desired.networks.filter { $0.nameServer != nil }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for (name, service) in observed.names.services.sorted(by: { $0.key < $1.key }) {
      guard let network = wanted[name] else {
        add(.removeNameServer(name), "dnsmasq of network \(name) belongs to nothing", network: name)
        continue
      }
      // What is bound to a bridge that is gone does not hear by the next.
      if !service.processes.isEmpty, observed.links[network.bridge.rawValue] == nil {
        add(.stopNameServer(name), "dnsmasq of network \(name) serves a bridge that is gone", network: name)
      }
    }
  }

  /// What guests are called first, then the dnsmasq that tells it.
  mutating func mendNames(_ desired: Desired, _ observed: Observed) {
    let place = observed.names.place
    var known: [Identifier: Set<IPv4Address>] = [:]
    for guest in desired.guests {
      guard let records = NameService.records(of: guest) else { continue }
      known[guest.network.name, default: []].insert(records.address)
      let present = observed.names.services[guest.network.name]?.records(of: records.address)
      guard present != records else { continue }
      add(
        .setNames(guest), "dnsmasq of network \(guest.network.name) does not know \(guest.lease.key)",
        network: guest.network.name, key: guest.lease.key)
    }
    for network in desired.networks {
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
      let isGoneBridge = observed.links[network.bridge.rawValue] == nil
      let drift = present.drift(as: service, place)
      guard let drift = drift ?? (isGoneBridge ? "dnsmasq of network \(network.name) is to serve the new bridge" : nil)
      else { continue }
      add(.startNameServer(service), drift, network: network.name)
    }
  }
}
