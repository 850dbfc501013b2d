import NetTypes

extension Engine {
  package func networks() throws(TapestryError) -> [Network] {
    var networks = try store.networks()
    if !networks.contains(where: { $0.name == .default }) { networks.append(options.defaultNetwork()) }
    return networks.sorted { $0.name < $1.name }
  }

  /// - Parameter observed: Determines the MTU of `default` if it is not in use; nil for the standard MTU.
  package func network(named name: Identifier, _ observed: Observed? = nil) throws(TapestryError) -> Network {
    if let network = try store.network(named: name) { return network }
    guard name == .default else { throw .networkNotFound(name) }
    return options.defaultNetwork(observed)
  }

  package func createNetwork(_ request: NetworkRequest) throws(TapestryError) -> Network {
    let name = request.name
    if let mtu = request.mtu, !Network.mtus.contains(mtu) {
      throw TapestryError(
        .invalidMTU, "Invalid MTU \(mtu): expected \(Network.mtus.lowerBound) to \(Network.mtus.upperBound) bytes")
    }
    try validateSnapshot(request)
    try validateIPv6(request)
    try request.settings.dns.validateAsNameServers()
    return try alone { work throws(TapestryError) in
      let observed = try work.observed()
      try requireOwn(observed)
      if let present = try store.network(named: name) {
        throw TapestryError(
          .networkExists, "Network '\(name)' already exists, with subnet \(present.subnet) on \(present.bridge)")
      }
      // What `default` will use is not free either.
      let others = try networks().filter { $0.name != name }
      let subnet = if let subnet = request.subnet { subnet } else { try work.freeSubnet(others) }
      let bridge = if let bridge = request.bridge { bridge } else { try work.freeBridgeName(name, others) }
      let network = Network(
        name: name, mode: request.mode, subnet: subnet, bridge: bridge, mtu: request.mtu ?? observed.standardMTU,
        snapshot: request.snapshot, settings: request.settings
      ).withIPv6(request) { Overlap.first(of: .v6($0), others: others, observed: observed) == nil }
      try validateMTU6(network)
      try network.settings.nameServer?.validate(in: network.subnet)
      try network.settings.egress.validate(in: network)
      try work.establish(network)
      return network
    } orUndo: { network, error in
      undoingAlone(error) { work throws(TapestryError) in try work.undoing(made: network, after: error) }
    }
  }

  private func validateSnapshot(_ request: NetworkRequest) throws(TapestryError) {
    switch (request.mode, request.snapshot) {
    case (.clone, let snapshot?): try snapshot.validate()
    case (.clone, nil):
      throw TapestryError(
        .invalidMode,
        saying: """
          A network of mode clone needs the address (\(.set(.snapshotAddress))) and the MAC (\(.set(.snapshotMAC))) of \
          the snapshot's guest
          """)
    case (_, nil): break
    case (let mode, _?):
      throw TapestryError(
        .invalidMode,
        saying: """
          Guests of mode \(mode.rawValue) have individual addresses: \(.set(.snapshot)) needs \(.set(.mode)) clone
          """)
    }
  }

  func ensureDefaultNetwork() throws(TapestryError) {
    try alone { work throws(TapestryError) in
      try work.requireOwn()
      guard let network = try store.network(named: .default) else { return try work.establishDefaultNetwork() }
      try work.establish(network)
    }
  }

  package func removeNetwork(named name: Identifier) throws(TapestryError) {
    try alone { work throws(TapestryError) in
      try work.requireOwn()
      guard try store.network(named: name) != nil else {
        // A kill may have left its name server, which is stopped last.
        unserved.insert(name)
        throw name == .default ? .unusedDefault : .networkNotFound(name)
      }
      try work.releaseEnded(try store.leases(network: name, vm: nil))
      let leases = try store.leases(network: name, vm: nil)
      guard leases.isEmpty else {
        throw TapestryError(
          .networkInUse,
          saying: """
            Network '\(name)' has \(leases.count) attachment\(leases.count == 1 ? "" : "s"). \
            Run '\(.detachAll(network: name))' first.
            """)
      }
      try work.takeDown([name])
    } orUndo: {
      $1.leavingNameServer
    }
  }

  func guests(of leases: [Lease]) throws(TapestryError) -> [Desired.Guest] {
    guests(of: leases, in: try store.networks())
  }

  func guests(of leases: [Lease], in networks: [Network]) -> [Desired.Guest] {
    let networks = Dictionary(networks.map { ($0.name, $0) }) { first, _ in first }
    return leases.compactMap { lease in networks[lease.network].map { Desired.Guest(network: $0, lease: lease) } }
  }
}

extension NetworkManager.Options {
  /// The network `default` as it will be when it is first used.
  /// - Parameter observed: Determines its MTU; nil for the standard MTU.
  func defaultNetwork(_ observed: Observed? = nil) -> Network {
    Network(name: .default, subnet: subnet, bridge: bridgeName, mtu: observed?.standardMTU ?? Network.standardMTU)
  }
}

extension TapestryError {
  static func networkNotFound(_ name: Identifier) -> TapestryError {
    TapestryError(.networkNotFound, saying: "There is no network '\(name)'. See '\(.listNetworks)'.")
  }

  fileprivate static let unusedDefault = TapestryError(
    .networkNotFound,
    "Network 'default' is not in use: there is nothing to remove. The first attach to it makes it again.")
}
