import NetTypes

extension Engine {
  /// Changes settings of a VM's interfaces, or of one of them, atomically: a kill leaves either all of it stored or
  /// nothing. Connections that are no longer allowed are ended. Those that exceed a new limit continue.
  package func update(
    vmID: Identifier, interfaceID: Identifier?, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> [Attachment] {
    try alone { work throws(TapestryError) in
      try requireOwnTables()
      let before = try guests(of: try activeLeases(vmID, interfaceID))
      let guests = try writing { () throws(TapestryError) in try writeDown(vmID, interfaceID, change) }
      let isJudged = try work.mayForbid(before, guests)
      let unsettled = guests.filter(\.lease.isUnsettled).map(\.lease.key)
      try work.enforce(of: isJudged ? Set(unsettled) : nil) { () throws(TapestryError) in
        try work.change(before, to: guests)
      } else: {
        $0.concerning(guests)
      }
      if !isJudged, !unsettled.isEmpty { try store.settle(unsettled) }
      return guests.map { Attachment($0.lease, in: $0.network) }
    }
  }

  /// The result of `update`, and the connections that it would end.
  package func previewUpdate(
    vmID: Identifier, interfaceID: Identifier?, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> UpdatePreview<[Attachment]> {
    try lookingAlone { work throws(TapestryError) in
      try refuseMismatch(try work.observed())
      let (guests, desired) = try store.preview { () throws(TapestryError) -> ([Desired.Guest], Desired) in
        (try writeDown(vmID, interfaceID, change), try self.desired())
      }
      return UpdatePreview(
        changed: guests.map { Attachment($0.lease, in: $0.network) }, ending: try work.ending(desired))
    }
  }

  /// A write that fails at its very end may have succeeded all the same: fsync(2) does not tell.
  private func writing<Value>(_ write: () throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    do throws(TapestryError) { return try write() } catch {
      throw error.code == .stateUnavailable ? error.unfinished : error
    }
  }

  /// - Returns: the attachments after the change.
  private func writeDown(
    _ vm: Identifier, _ interface: Identifier?, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> [Desired.Guest] {
    let leases = try activeLeases(vm, interface)
    let networks = Dictionary(try guests(of: leases).map { ($0.network.name, $0.network) }) { first, _ in first }
    let changed = try store.update(leases.map(\.key)) { lease throws(TapestryError) in
      var settings = lease.settings
      try change(&settings)
      try settings.requireChangeable(from: lease.settings, of: lease.key)
      if let network = networks[lease.network] { try settings.validate(in: network, insteadOf: lease.settings) }
      return settings
    }
    return try guests(of: changed)
  }

  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  func activeLeases(_ vm: Identifier, _ interface: Identifier?) throws(TapestryError) -> [Lease] {
    let leases = try store.leases(network: nil, vm: vm).filter {
      $0.state == .active && (interface == nil || $0.key.interface == interface)
    }
    guard !leases.isEmpty else { throw .attachmentNotFound(vm, interface) }
    return leases
  }

  // MARK: Networks

  /// Changes settings of a network atomically, also for the attached guests.
  package func update(
    network name: Identifier, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> Network {
    _ = try network(named: name)
    return try alone { work throws(TapestryError) in
      try requireOwnTables()
      let known = try store.network(named: name)
      if known == nil { try work.establishDefaultNetwork() }
      do throws(TapestryError) {
        let before = try self.network(named: name)
        let isSettled = try !store.isUnsettled(network: name)
        let network = try writing { () throws(TapestryError) in try writeDown(name, change) }
        let judged = try store.leases(network: name, vm: nil).filter(\.isUnsettled).map(\.key)
        let isJudged = network.settings.hostAccess != before.settings.hostAccess || !judged.isEmpty
        try work.enforce(of: isJudged ? Set(judged) : nil) {
          isSettled && work.change(before, to: network)
        } else: {
          $0.concerning(policiesOf: name)
        }
        try store.settle(network: name)
        return network
      } catch {
        throw known == nil ? error.undoing(name, by: work.undoNetwork) : error
      }
    }
  }

  /// The result of `update`, and the connections that it would end.
  package func previewUpdate(
    network name: Identifier, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> UpdatePreview<Network> {
    _ = try network(named: name)
    return try lookingAlone { work throws(TapestryError) in
      try refuseMismatch(try work.observed())
      let (network, desired) = try store.preview { () throws(TapestryError) -> (Network, Desired) in
        if try store.network(named: name) == nil { try store.insert(options.defaultNetwork(try work.observed())) }
        return (try writeDown(name, change), try self.desired())
      }
      return UpdatePreview(changed: network, ending: try work.ending(desired))
    }
  }

  private func writeDown(
    _ name: Identifier, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> Network {
    try store.update(network: name) { before throws(TapestryError) in
      var settings = before.settings
      try change(&settings)
      try settings.requireChangeable(from: before.settings, of: name)
      let (egress, former) = (settings.egress, before.settings.egress)
      guard egress != former else { return settings }
      guard egress.reach != .inherited || former.reach == .inherited else {
        throw TapestryError(.invalidPolicy, "Network \(name) cannot inherit a reach: use all, internet or none")
      }
      try egress.validate(in: before, insteadOf: former)
      return settings
    }
  }
}
