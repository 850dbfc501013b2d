import NetTypes

extension Engine {
  /// Lets ports of the host lead to a VM's, besides those that do.
  package func publish(
    vmID: String, interfaceID: String?, ports: [PublishedPort]
  ) throws(TapestryError) -> Attachment {
    try ports.validate()
    do throws(TapestryError) {
      return try publishOnce(vmID, interfaceID, ports)
    } catch {
      // Whoever has one may be gone.
      guard error.code == .portInUse, try !collectGarbage().isEmpty else { throw error }
      return try publishOnce(vmID, interfaceID, ports)
    }
  }

  private func publishOnce(
    _ vmID: String, _ interfaceID: String?, _ ports: [PublishedPort]
  ) throws(TapestryError) -> Attachment {
    try onInterface(vmID, interfaceID) { lease throws(TapestryError) in
      let new = ports.filter { !lease.published.contains($0) }
      try host.requirePublishable(new)
      try store.publish(new, to: lease.key)
      do throws(TapestryError) { try bringUp(lease.network, only: lease.key) } catch {
        try store.unpublish(new, from: lease.key)
        // What is in the way is in the error already.
        try? bringUp(lease.network, only: lease.key)
        throw error
      }
      // What has come before is remembered, and answered by nobody, as long as more of it comes.
      let observed = try observe().observed
      let addresses = Set(observed.addresses.map { IPAddress.v4($0.address) })
      _ = try host.end { flow in flow.target == flow.end && new.contains { $0.isTarget(of: flow, addresses) } }
    }
  }

  /// Takes ports of the host back from a VM, and ends the connections that came by them.
  /// - Parameter ports: nil for all.
  package func unpublish(
    vmID: String, interfaceID: String?, ports: [PublishedPort]?
  ) throws(TapestryError) -> Attachment {
    try onInterface(vmID, interfaceID) { lease throws(TapestryError) in
      let leaving = ports ?? lease.published
      if let stranger = leaving.first(where: { !lease.published.contains($0) }) {
        throw TapestryError(
          .portNotFound, "\(lease.key) does not publish '\(stranger)'. See 'tapestry inspect \(lease.key.vm)'.")
      }
      guard let before = try guests(of: [lease]).first else { return }
      var after = before
      after.lease.published.removeAll { leaving.contains($0) }
      // The kernel first: whoever is killed has the port still, and takes it back again.
      var plan = Plan()
      plan.add(
        .changeRuleset(
          RulesetChange(
            addedGuests: [Ruleset.GuestFacts(after)], removedGuests: [Ruleset.GuestFacts(before)])),
        "\(lease.key) publishes ports no more", network: lease.network, key: lease.key)
      do throws(TapestryError) {
        if let failure = host.apply(plan, observedAt: nil).first, failure.kind != .unexpectedWorld {
          throw failure.error
        }
        _ = try host.end { flow in
          flow.end.address == .v4(lease.address) && leaving.contains { $0.leads(flow) }
        }
        try store.unpublish(leaving, from: lease.key)
        try bringUp(lease.network, only: lease.key)
      } catch {
        throw error.unfinished
      }
    }
  }

  private func onInterface(
    _ vmID: String, _ interfaceID: String?, _ change: (Lease) throws(TapestryError) -> Void
  ) throws(TapestryError) -> Attachment {
    try host.requirePermission()
    return try lock.alone { () throws(TapestryError) in
      try requireOwnTables()
      let leases = try activeLeases(vmID, interfaceID)
      guard let lease = leases.first, leases.count == 1 else {
        throw TapestryError(
          .attachmentConflict,
          "'\(vmID)' has \(leases.count) interfaces: say with --interface which one the ports lead to")
      }
      try change(lease)
      guard let made = try store.lease(for: lease.key), let guest = try guests(of: [made]).first else {
        throw .attachmentNotFound("\(lease.key)")
      }
      return Attachment(made, in: guest.network)
    }
  }
}

extension PublishedPort {
  /// Whether the flow has come by this port.
  fileprivate func leads(_ flow: Flow) -> Bool {
    flow.protocolNumber == transport.number && flow.target != flow.end && flow.target.port == hostPort
      && flow.end.port == guestPort && (hostAddress.map { .v4($0) == flow.target.address } ?? true)
  }
}
