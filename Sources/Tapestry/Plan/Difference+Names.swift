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
      guard !service.processes.isEmpty, let obstacle = observed.obstacle(to: network) else { continue }
      add(.stopNameServer(name), "dnsmasq of network \(name) \(obstacle.before)", network: name)
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
  /// Why a dnsmasq that is as it should be is to end before its bridge is mended, and to start again after that, in words;
  /// nil where it is not.
  fileprivate func obstacle(to network: Network) -> (before: String, after: String)? {
    // What is bound to a bridge that is gone does not hear by the next.
    guard let link = links[network.bridge.rawValue] else {
      return ("serves a bridge that is gone", "is to serve the new bridge")
    }
    guard NameService(network)?.advertisesRouter == true,
      !network.missingAddresses6(on: link).isEmpty
    else { return nil }
    // It looks for its prefix on the bridge once. If that is in vain, it advertises it no more, but to those who ask.
    return ("has no address to advertise", "is to advertise the bridge's addresses again")
  }
}
