import NetTypes

extension Engine {
  package func networks() throws(TapestryError) -> [Network] {
    var networks = try store.networks()
    if !networks.contains(where: { $0.name == .default }) { networks.append(defaultNetwork()) }
    return networks.sorted { $0.name < $1.name }
  }

  package func network(named text: String) throws(TapestryError) -> Network {
    let name = try Identifier(validating: text, field: "network name")
    if let network = try store.network(named: name) { return network }
    guard name == .default else { throw .networkNotFound(name) }
    return defaultNetwork()
  }

  /// The network `default` as it will be when it is first used.
  /// - Parameter observed: What its MTU depends on; nil for what it is mostly.
  func defaultNetwork(_ observed: Observed? = nil) -> Network {
    Network(
      name: .default, subnet: options.subnet, bridge: options.bridgeName,
      mtu: observed?.standardMTU ?? Network.standardMTU)
  }

  func establishDefaultNetwork() throws(TapestryError) {
    let observed = try observe().observed
    try requireOwn(observed)
    try establish(defaultNetwork(observed))
  }

  package func createNetwork(_ request: NetworkRequest) throws(TapestryError) -> Network {
    let name = try Identifier(validating: request.name, field: "network name")
    if let mtu = request.mtu, !Network.mtus.contains(mtu) {
      throw TapestryError(
        .invalidMTU, "Invalid MTU \(mtu): expected \(Network.mtus.lowerBound) to \(Network.mtus.upperBound) bytes")
    }
    try validateSnapshot(request)
    try validateIPv6(request)
    try request.dns.validateAsNameServers()
    return try alone { () throws(TapestryError) in
      let observed = try observe().observed
      try requireOwn(observed)
      if let present = try store.network(named: name) {
        throw TapestryError(
          .networkExists, "Network '\(name)' exists already, with subnet \(present.subnet) on \(present.bridge)")
      }
      // What `default` will take when it is first used is not free either.
      let others = try networks().filter { $0.name != name }
      let network = Network(
        name: name, mode: request.mode,
        subnet: try chosen(request.subnet) { () throws(TapestryError) in try freeSubnet(others, observed) },
        bridge: try chosen(request.bridge) { () throws(TapestryError) in
          try freeBridgeName(name, others, observed)
        }, mtu: request.mtu ?? observed.standardMTU, dns: request.dns,
        allowsInterVM: request.allowsInterVM, nat: request.nat, opensFirewalls: request.opensFirewalls,
        egress: request.egress,
        hostAccess: request.hostAccess, nameServer: request.nameServer, snapshot: request.snapshot
      ).withIPv6(request) { Overlap.first(of: $0, others: others, observed: observed) == nil }
      try validateMTU6(network)
      try network.nameServer?.validate(in: network.subnet)
      try network.egress.validate(in: network)
      try establish(network)
      return network
    } orUndo: { network, error in
      undoingAlone(error) { undoing(made: network, after: error) }
    }
  }

  private func validateSnapshot(_ request: NetworkRequest) throws(TapestryError) {
    switch (request.mode, request.snapshot) {
    case (.clone, let snapshot?): try snapshot.validate()
    case (.clone, nil):
      throw TapestryError(
        .invalidMode,
        "A network of mode clone needs what the snapshot's guest believes: its address (--guest-ip) and its MAC "
          + "(--guest-mac)")
    case (_, nil): break
    case (let mode, _?):
      throw TapestryError(
        .invalidMode, "Guests of mode \(mode.rawValue) have addresses of their own: --guest-… is for --mode clone")
    }
  }

  func ensureDefaultNetwork() throws(TapestryError) {
    try alone { () throws(TapestryError) in
      try requireOwn(try observe().observed)
      guard let network = try store.network(named: .default) else { return try establishDefaultNetwork() }
      try establish(network)
    }
  }

  /// Makes the network in the kernel, then writes it down: whoever dies in between leaves what the same command, or
  /// `repair`, takes up. Call it under the lock alone.
  func establish(_ network: Network) throws(TapestryError) {
    let isNew = try store.network(named: network.name) == nil
    if isNew {
      try refuseImpossibleName(network.bridge)
      try refuseTakenBridge(network)
      try refuseOverlap(network)
    }
    do throws(TapestryError) {
      let outcome = try converge {
        () throws(TapestryError) in
        try desired().including(network)
      } select: {
        $0.concerning(network.name)
      }
      if let error = outcome.errors.first { throw error }
      if isNew { try store.insert(network) }
    } catch {
      throw isNew ? undoing(network, after: error) : error
    }
  }

  /// Removes what `establish` made of a network that the store does not know.
  /// - Returns: the error of making it; where undoing failed, with that one's.
  private func undoing(_ network: Network, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      let outcome = try converge(desired) { $0.concerning(network.name) }
      // What stood in the way of making it stands in the way no more, and is in `error`.
      if let failure = outcome.failures.first { throw failure.error }
      try forgetSysctls(unneededBy: try store.networks())
      return error
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Takes back a network that others could see, unless somebody has made it another by now, or uses it.
  private func undoing(made network: Network, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      guard try store.network(named: network.name) == network else { return error }
      guard try store.leases(network: network.name, vm: nil).isEmpty else { return error.keeping(network.name) }
      return undoingNetwork(network.name, after: error)
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Takes back a network that a command has made for something that then failed. Call it under the lock alone that it was
  /// made under: nobody else has used it.
  /// - Returns: the error of what failed; where undoing failed, with that one's.
  func undoingNetwork(_ name: Identifier, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      guard try store.network(named: name) != nil else { return error }
      // One of which something is left has to stay until that goes, and then is as after any attach and detach.
      guard try store.leases(network: name, vm: nil).isEmpty else { return error }
      try takeDownOnce([name])
      return error
    } catch let second {
      return error.notUndone(second)
    }
  }

  package func removeNetwork(named text: String) throws(TapestryError) {
    let name = try Identifier(validating: text, field: "network name")
    try alone { () throws(TapestryError) in
      try requireOwnTables()
      guard try store.network(named: name) != nil else {
        throw .networkNotFound(name)
      }
      try giveUpEnded(try store.leases(network: name, vm: nil))
      let leases = try store.leases(network: name, vm: nil)
      guard leases.isEmpty else {
        throw TapestryError(
          .networkInUse,
          "Network '\(name)' has \(leases.count) attachment\(leases.count == 1 ? "" : "s"). Run 'tapestry detach --all --network \(name)' first."
        )
      }
      try takeDown([name])
    } orUndo: {
      $1.leavingNameServer
    }
  }

  /// Removes networks from the kernel, then from the store. Call it under the lock alone, when they have no leases
  /// that anybody needs.
  func takeDown(_ names: Set<Identifier>) throws(TapestryError) {
    do throws(TapestryError) { try takeDownOnce(names) } catch { throw error.leavingRest }
  }

  private func takeDownOnce(_ names: Set<Identifier>) throws(TapestryError) {
    let outcome = try converge { () throws(TapestryError) in
      var wanted = try desired()
      wanted.networks.removeAll { names.contains($0.name) }
      wanted.guests.removeAll { names.contains($0.network.name) }
      wanted.restoredSysctls = try priorSysctls(unneededBy: wanted.networks)
      return wanted
    } select: { plan in
      // Others' drift is not this command's business, and their conflicts not its obstacle.
      plan.concerning(names)
    }
    let leases = try store.leases(network: nil, vm: nil).filter { names.contains($0.network) }
    try finish(leases, after: outcome, "Not everything could be removed")
    // Before the networks go: nobody would come to it any more.
    try forgetSysctls(unneededBy: try store.networks().filter { !names.contains($0.name) })
    for name in names { try store.removeNetwork(named: name) }
  }

  /// Ends a teardown: releases the leases of which nothing is left.
  /// - Throws: every failure that it met, the outcome's first.
  func finish(_ leases: [Lease], after outcome: Outcome, _ summary: String) throws(TapestryError) {
    var errors = outcome.errors
    do throws(TapestryError) {
      try store.markReleasing(leases.map(\.key))
      errors += try release(leases, after: outcome)
      // A sysctl that could not be put back is still to be put back.
      if errors.isEmpty { try forgetSysctls(unneededBy: try store.networks()) }
    } catch {
      errors.append(error)
    }
    if let error = TapestryError.joining(errors, summary) { throw error }
  }

  /// Releases leases whose links and elements are gone, and that nothing remembers; the others stay `releasing`.
  /// - Returns: why they do, beyond what the outcome says.
  func release(_ leases: [Lease], after outcome: Outcome) throws(TapestryError) -> [TapestryError] {
    let failed = Set(outcome.failures.compactMap(\.item.key))
    let gone = leases.filter { !failed.contains($0.key) }
    guard !outcome.isCutShort, !gone.isEmpty else { return [] }
    let errors = host.forget(try guests(of: gone))
    if errors.isEmpty { try store.release(gone.map(\.key)) }
    return errors
  }

  func guests(of leases: [Lease]) throws(TapestryError) -> [Desired.Guest] {
    let networks = Dictionary(try store.networks().map { ($0.name, $0) }) { first, _ in first }
    return leases.compactMap { lease in networks[lease.network].map { Desired.Guest(network: $0, lease: lease) } }
  }

  // MARK: Choosing

  /// `??` for what can fail with a typed error.
  private func chosen<Value>(
    _ wish: Value?, or choose: () throws(TapestryError) -> Value
  ) throws(TapestryError) -> Value {
    if let wish { wish } else { try choose() }
  }

  private func freeSubnet(_ others: [Network], _ observed: Observed) throws(TapestryError) -> IPv4Subnet {
    // 172.30.0.0/24 onwards, to the end of the private range 172.16.0.0/12 (RFC 1918).
    for step in 0..<512 {
      let base = IPv4Address(rawValue: Network.defaultSubnet.networkAddress.rawValue + UInt32(step) << 8)
      guard let candidate = try? IPv4Subnet(containing: base, prefixLength: 24) else { continue }
      if Overlap.first(of: candidate, others: others, observed: observed) == nil { return candidate }
    }
    throw TapestryError(
      .subnetOverlap, "No /24 of 172.30.0.0 to 172.31.255.0 is free on this host. Name a subnet with --subnet.")
  }

  private func freeBridgeName(
    _ name: Identifier, _ others: [Network], _ observed: Observed
  ) throws(TapestryError) -> InterfaceName {
    if name == .default { return options.bridgeName }
    for number in 0..<10_000 {
      guard let candidate = try? InterfaceName(validating: "svbr\(number)") else { continue }
      let link = observed.links[candidate.rawValue]
      let isFree = link == nil || link?.mark == .network(name)
      if isFree, !others.contains(where: { $0.bridge == candidate }) { return candidate }
    }
    throw TapestryError(.bridgeSetupFailed, "svbr0 to svbr9999 are all taken. Name a bridge with --bridge.")
  }

  /// The kernel keeps some names from links, that are otherwise in order: `dev_valid_name` in net/core/dev.c, and
  /// `sysctl_dev_name_is_allowed` for those that would stand for all links in /proc/sys/net.
  private func refuseImpossibleName(_ name: InterfaceName) throws(TapestryError) {
    guard name.rawValue.contains(":") || ["all", "default"].contains(name.rawValue) else { return }
    throw TapestryError(
      .invalidInterfaceName,
      "bridgeName '\(name)' cannot be had: the kernel names no link 'all' or 'default', or with ':'")
  }

  private func refuseTakenBridge(_ network: Network) throws(TapestryError) {
    guard let other = try store.networks().first(where: { $0.bridge == network.bridge }) else { return }
    throw TapestryError(
      .networkExists, "Bridge \(network.bridge) is that of network '\(other.name)'. Choose another with --bridge.")
  }

  private func refuseOverlap(_ network: Network) throws(TapestryError) {
    let others = try store.networks()
    let observed = try observe().observed
    if let overlap = Overlap.first(of: network.subnet, others: others, observed: observed, except: network.mark) {
      throw TapestryError(
        .subnetOverlap,
        "Subnet \(network.subnet) overlaps \(overlap). Guests there would be unreachable; choose another subnet.")
    }
    guard let subnet = network.subnet6 else { return }
    if let overlap = Overlap.first(of: subnet, others: others, observed: observed, except: network.mark) {
      throw TapestryError(
        .subnetOverlap,
        "Subnet \(subnet) overlaps \(overlap). Guests there would be unreachable; choose another with --subnet6.")
    }
  }
}

extension TapestryError {
  static func networkNotFound(_ name: Identifier) -> TapestryError {
    TapestryError(.networkNotFound, "There is no network '\(name)'. See 'tapestry network ls'.")
  }
}
