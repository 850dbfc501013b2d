import NetTypes

extension Reconciler {
  func establishDefaultNetwork() throws(TapestryError) {
    try requireOwn()
    try establish(engine.defaultNetwork(try observed()))
  }

  /// Makes the network in the kernel, then writes it down: whoever dies in between leaves what the same command, or
  /// `repair`, takes up.
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
        try engine.desired().including(network)
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
      let outcome = try converge(engine.desired) { $0.concerning(network.name) }
      // What stood in the way of making it stands in the way no more, and is in `error`.
      if let failure = outcome.failures.first { throw failure.error }
      try engine.forgetSysctls(unneededBy: try store.networks())
      return error
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Takes back a network that others could see, unless somebody has made it another by now, or uses it.
  func undoing(made network: Network, after error: TapestryError) -> TapestryError {
    do throws(TapestryError) {
      guard try store.network(named: network.name) == network else { return error }
      guard try store.leases(network: network.name, vm: nil).isEmpty else { return error.keeping(network.name) }
      return undoingNetwork(network.name, after: error)
    } catch let second {
      return error.notUndone(second)
    }
  }

  /// Takes back a network that a command has made for something that then failed. Nobody else has used it: the lock
  /// is that under which it was made.
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

  /// Removes networks from the kernel, then from the store. They have no leases that anybody needs.
  func takeDown(_ names: Set<Identifier>) throws(TapestryError) {
    do throws(TapestryError) { try takeDownOnce(names) } catch { throw error.leavingRest }
  }

  private func takeDownOnce(_ names: Set<Identifier>) throws(TapestryError) {
    let outcome = try converge { () throws(TapestryError) in
      var wanted = try engine.desired()
      wanted.networks.removeAll { names.contains($0.name) }
      wanted.guests.removeAll { names.contains($0.network.name) }
      wanted.restoredSysctls = try engine.priorSysctls(unneededBy: wanted.networks)
      return wanted
    } select: { plan in
      // Others' drift is not this command's business, and their conflicts not its obstacle.
      plan.concerning(names)
    }
    let leases = try store.leases(network: nil, vm: nil).filter { names.contains($0.network) }
    try finish(leases, after: outcome, "Not everything could be removed")
    // Before the networks go: nobody would come to it any more.
    try engine.forgetSysctls(unneededBy: try store.networks().filter { !names.contains($0.name) })
    for name in names { try store.removeNetwork(named: name) }
  }

  /// Ends a teardown: releases the leases of which nothing is left.
  /// - Throws: every failure that it met, the outcome's first.
  func finish(_ leases: [Lease], after outcome: Outcome, _ summary: String) throws(TapestryError) {
    var errors = outcome.errors
    do throws(TapestryError) {
      try store.markReleasing(leases.map(\.key))
      errors += try engine.release(leases, after: outcome)
      // A sysctl that could not be put back is still to be put back.
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
      .subnetOverlap, "No /24 of 172.30.0.0 to 172.31.255.0 is free on this host. Name a subnet with --subnet.")
  }

  func freeBridgeName(_ name: Identifier, _ others: [Network]) throws(TapestryError) -> InterfaceName {
    if name == .default { return options.bridgeName }
    let observed = try observed()
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
    let observed = try observed()
    for family in IPFamily.allCases {
      guard let prefix = network.prefix(family),
        let overlap = Overlap.first(of: prefix, others: others, observed: observed, except: network.mark)
      else { continue }
      let option = family == .v6 ? "--subnet6" : "--subnet"
      throw TapestryError(
        .subnetOverlap,
        "Subnet \(prefix) overlaps \(overlap). Guests there would be unreachable; choose another with \(option).")
    }
  }
}
