import NetTypes

extension Reconciler {
  func establishDefaultNetwork() throws(TapestryError) {
    try requireOwn()
    try establish(options.defaultNetwork(try observed()))
  }

  /// Makes the network in the kernel, then stores it: after a kill in between, the same command reuses the objects, or
  /// `repair` removes them.
  func establish(_ network: Network) throws(TapestryError) {
    let isNew = try store.network(named: network.name) == nil
    if isNew {
      try refuseImpossibleName(network.bridge)
      try refuseTakenBridge(network)
      try refuseOverlap(network)
    }
    do throws(TapestryError) {
      try converge(select: { $0.concerning(network.name) }, to: { $0.including(network) }).requireSuccess()
      if isNew { try store.insert(network) }
    } catch {
      throw isNew ? error.undoing(network, by: undo) : error
    }
  }

  /// Removes what `establish` made for a network that is not stored.
  private func undo(_ network: Network) throws(TapestryError) {
    let outcome = try converge(select: { $0.concerning(network.name) })
    // Conflicts that prevented the network are in the error already, and do not prevent its removal.
    if let failure = outcome.failures.first { throw failure.error }
    try engine.forgetSysctls(unneededBy: try store.networks())
  }

  /// Removes a network that was visible to others, unless it has been made again meanwhile, or is in use.
  func undoing(made network: Network, after error: TapestryError) throws(TapestryError) -> TapestryError {
    guard try store.network(named: network.name) == network else { return error }
    guard try store.leases(network: network.name, vm: nil).isEmpty else { return error.keeping(network.name) }
    try undoNetwork(network.name)
    return error
  }

  /// Removes a network that a command has made for something that then failed. Nobody else has used it, because the command
  /// still holds the lock under which it was made.
  func undoNetwork(_ name: Identifier) throws(TapestryError) {
    // A network of which something is left has to stay until that is gone. It is then as after any attach and detach.
    guard try store.network(named: name) != nil, try store.leases(network: name, vm: nil).isEmpty else { return }
    try takeDownOnce([name])
  }

  /// Removes networks from the kernel, then from the store. Their leases are no longer needed.
  func takeDown(_ names: Set<Identifier>) throws(TapestryError) {
    do throws(TapestryError) { try takeDownOnce(names) } catch { throw error.leavingRest }
  }

  private func takeDownOnce(_ names: Set<Identifier>) throws(TapestryError) {
    // Drift and conflicts of other networks do not concern this command.
    let outcome = try converge(select: { $0.concerning(names) }) { desired throws(TapestryError) in
      var wanted = desired
      wanted.networks.removeAll { names.contains($0.name) }
      wanted.guests.removeAll { names.contains($0.network.name) }
      wanted.restoredSysctls = try engine.priorSysctls(unneededBy: wanted.networks)
      return wanted
    }
    let leases = try store.leases(network: nil, vm: nil).filter { names.contains($0.network) }
    try finish(leases, after: outcome, "Not everything could be removed")
    // Before the networks are removed from the store: nobody would do it later.
    try engine.forgetSysctls(unneededBy: try store.networks().filter { !names.contains($0.name) })
    for name in names { try store.removeNetwork(named: name) }
  }

  /// Finishes a teardown: releases the leases of which nothing is left.
  /// - Throws: all failures, the outcome's first.
  func finish(_ leases: [Lease], after outcome: Outcome, _ summary: String) throws(TapestryError) {
    var errors = outcome.errors
    do throws(TapestryError) {
      try store.markReleasing(leases.map(\.key))
      errors += try engine.release(leases, after: outcome)
      // Sysctls that could not be restored must stay remembered.
      if errors.isEmpty { try engine.forgetSysctls(unneededBy: try store.networks()) }
    } catch {
      errors.append(error)
    }
    if let error = TapestryError.joining(errors, summary) { throw error }
  }

  // MARK: Choosing

  func freeSubnet(_ others: [Network]) throws(TapestryError) -> IPv4Subnet {
    let observed = try observed()
    // 172.30.0.0/24 onwards, to the end of the private range 172.16.0.0/12 (RFC 1918).
    for step in 0..<512 {
      let base = IPv4Address(rawValue: Network.defaultSubnet.networkAddress.rawValue + UInt32(step) << 8)
      guard let candidate = try? IPv4Subnet(containing: base, prefixLength: 24) else { continue }
      if Overlap.first(of: .v4(candidate.prefix), others: others, observed: observed) == nil { return candidate }
    }
    throw TapestryError(
      .subnetOverlap,
      saying: "No /24 of 172.30.0.0 to 172.31.255.0 is free on this host. Name a subnet with \(.set(.subnet)).")
  }

  func freeBridgeName(_ name: Identifier, _ others: [Network]) throws(TapestryError) -> InterfaceName {
    if name == .default { return options.bridgeName }
    let observed = try observed()
    for number in 0..<10_000 {
      guard let candidate = try? InterfaceName(parsing: "svbr\(number)") else { continue }
      let link = observed.links[candidate.rawValue]
      let isFree = link == nil || link?.mark == .network(name)
      if isFree, !others.contains(where: { $0.bridge == candidate }) { return candidate }
    }
    throw TapestryError(
      .bridgeSetupFailed, saying: "svbr0 to svbr9999 are all taken. Name a bridge with \(.set(.bridge)).")
  }

  /// Some valid names are not allowed for links: `dev_valid_name` in net/core/dev.c, and `sysctl_dev_name_is_allowed` for
  /// names that stand for all links in /proc/sys/net.
  private func refuseImpossibleName(_ name: InterfaceName) throws(TapestryError) {
    guard name.rawValue.contains(":") || ["all", "default"].contains(name.rawValue) else { return }
    throw TapestryError(
      .invalidInterfaceName,
      "bridgeName '\(name)' is not allowed: the kernel accepts no link named 'all' or 'default', or with ':'")
  }

  private func refuseTakenBridge(_ network: Network) throws(TapestryError) {
    guard let other = try store.networks().first(where: { $0.bridge == network.bridge }) else { return }
    throw TapestryError(
      .networkExists,
      saying: "Bridge \(network.bridge) belongs to network '\(other.name)'. Choose another with \(.set(.bridge)).")
  }

  private func refuseOverlap(_ network: Network) throws(TapestryError) {
    let others = try store.networks()
    let observed = try observed()
    for family in IPFamily.allCases {
      guard let prefix = network.prefix(family),
        let overlap = Overlap.first(of: prefix, others: others, observed: observed, except: network.mark)
      else { continue }
      throw TapestryError(
        .subnetOverlap,
        saying: """
          Subnet \(prefix) overlaps \(overlap). Guests there would be unreachable; choose another with \
          \(.set(family == .v6 ? .subnet6 : .subnet)).
          """)
    }
  }
}
