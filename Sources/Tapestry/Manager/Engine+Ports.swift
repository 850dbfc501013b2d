import NetTypes

extension Engine {
  /// Publishes ports of the host for a VM, in addition to those that it publishes already.
  package func publish(
    vmID: Identifier, interfaceID: Identifier?, ports: [PublishedPort]
  ) throws(TapestryError) -> Attachment {
    try ports.validate()
    do throws(TapestryError) {
      return try publishOnce(vmID, interfaceID, ports)
    } catch {
      // The holder of a port may be garbage.
      guard error.code == .portInUse, try !collectGarbage().isEmpty else { throw error }
      return try publishOnce(vmID, interfaceID, ports)
    }
  }

  private func publishOnce(
    _ vmID: Identifier, _ interfaceID: Identifier?, _ ports: [PublishedPort]
  ) throws(TapestryError) -> Attachment {
    try onInterface(vmID, interfaceID) { lease, work throws(TapestryError) in
      let new = ports.filter { !lease.settings.published.contains($0) }
      try host.requirePublishable(new)
      try store.publish(new, to: lease.key)
      let before = try guests(of: [lease])
      let after = try guests(of: [try store.lease(for: lease.key)].compactMap(\.self))
      do throws(TapestryError) {
        if try !work.change(before, to: after) { try work.bringUp(lease.network, only: lease.key) }
      } catch {
        try store.unpublish(new, from: lease.key)
        // The cause is in the error already.
        try? work.bringUp(lease.network, only: lease.key)
        throw error
      }
      // Packets that arrived earlier have conntrack entries without DNAT, which get no answer as long as more packets
      // arrive.
      let addresses = try work.addresses().own
      _ = try host.end { flow in flow.target == flow.end && new.contains { $0.isTarget(of: flow, addresses) } }
    }
  }

  /// Unpublishes ports of a VM, and ends the connections that came by them.
  /// - Parameter ports: nil for all.
  package func unpublish(
    vmID: Identifier, interfaceID: Identifier?, ports: [PublishedPort]?
  ) throws(TapestryError) -> Attachment {
    try onInterface(vmID, interfaceID) { lease, work throws(TapestryError) in
      let leaving = ports ?? lease.settings.published
      if let stranger = leaving.first(where: { !lease.settings.published.contains($0) }) {
        throw TapestryError(
          .portNotFound,
          saying: "\(lease.key) does not publish '\(stranger)'. See '\(.inspect(vmID: lease.key.vm))'.")
      }
      guard let before = try guests(of: [lease]).first else { return }
      var after = before
      after.lease.settings.published.removeAll { leaving.contains($0) }
      do throws(TapestryError) {
        // The kernel first: after a kill, the port is still stored, and the same command unpublishes it again.
        let isChanged = try work.change([before], to: [after])
        _ = try host.end { flow in flow.end.address == .v4(lease.address) && leaving.contains { $0.leads(flow) } }
        try store.unpublish(leaving, from: lease.key)
        if !isChanged { try work.bringUp(lease.network, only: lease.key) }
      } catch {
        throw error.unfinished
      }
    }
  }

  private func onInterface(
    _ vmID: Identifier, _ interfaceID: Identifier?, _ change: (Lease, Reconciler) throws(TapestryError) -> Void
  ) throws(TapestryError) -> Attachment {
    try alone { work throws(TapestryError) in
      try requireOwnTables()
      let leases = try activeLeases(vmID, interfaceID)
      guard let lease = leases.first, leases.count == 1 else {
        throw TapestryError(
          .attachmentConflict,
          saying: "'\(vmID)' has \(leases.count) interfaces: name one with \(.set(.interfaceID))")
      }
      try change(lease, work)
      guard let made = try store.lease(for: lease.key), let guest = try guests(of: [made]).first else {
        throw .attachmentNotFound(lease.key.vm, lease.key.interface)
      }
      return Attachment(made, in: guest.network)
    }
  }
}

extension PublishedPort {
  /// Returns true if the flow has come by this port.
  fileprivate func leads(_ flow: Flow) -> Bool {
    flow.protocolNumber == transport.number && flow.target != flow.end && flow.target.port == hostPort
      && flow.end.port == guestPort && (hostAddress.map { .v4($0) == flow.target.address } ?? true)
  }
}
