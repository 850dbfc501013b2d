import NetTypes

extension Engine {
  /// Changes what a VM's interfaces, or one of them, may reach and take, in one step: killed anywhere, it is written down
  /// as a whole or not at all. Connections that a new limit leaves no room for go on.
  package func change(
    vmID: String, interfaceID: String?, _ change: AttachmentChange
  ) throws(TapestryError) -> [Attachment] {
    try change.validate()
    try collectEnded()
    return try lock.alone { () throws(TapestryError) in
      let leases = try activeLeases(vmID, interfaceID)
      try host.requirePermission()
      if let egress = change.egress.value {
        for guest in try guests(of: leases) { try egress.validate(in: guest.network) }
      }
      try store.change(change, of: leases.map(\.key))
      try enforce(on: change.egress == .kept ? [] : Set(leases.map(\.key))) { () throws(TapestryError) in
        for lease in leases { try bringUp(lease.network, only: lease.key) }
      }
      return try guests(of: try activeLeases(vmID, interfaceID)).map { Attachment($0.lease, in: $0.network) }
    }
  }

  /// - Throws: `ATTACHMENT_NOT_FOUND`, `INVALID_NAME`.
  func activeLeases(_ vmID: String, _ interfaceID: String?) throws(TapestryError) -> [Lease] {
    let vm = try Identifier(validating: vmID, field: "VM id")
    let interface = try interfaceID.map { text throws(TapestryError) in
      try Identifier(validating: text, field: "interface id")
    }
    let leases = try store.leases(network: nil, vm: vm).filter {
      $0.state == .active && (interface == nil || $0.key.interface == interface)
    }
    guard !leases.isEmpty else { throw .attachmentNotFound(interface.map { "\(vm)/\($0)" } ?? vm.rawValue) }
    return leases
  }

  /// Changes what the guests of a network may reach.
  /// - Parameters:
  ///   - egress: nil leaves it as it is.
  ///   - hostAccess: nil leaves it as it is.
  package func setPolicy(
    network text: String, egress: EgressPolicy?, hostAccess: HostAccess?
  ) throws(TapestryError) -> Network {
    let name = try network(named: text).name
    try egress?.validate()
    return try lock.alone { () throws(TapestryError) in
      try host.requirePermission()
      if try store.network(named: name) == nil { try establishDefaultNetwork() }
      guard var network = try store.network(named: name) else { throw .networkNotFound(name) }
      if let egress { network.egress = egress }
      if let hostAccess { network.hostAccess = hostAccess }
      try network.egress.validate(in: network)
      try store.setPolicy(network.egress, network.hostAccess, ofNetwork: name)
      let changed = egress == nil ? [] : try store.leases(network: name, vm: nil).map(\.key)
      try enforce(on: Set(changed)) { () throws(TapestryError) in try bringUp(name) }
      return network
    }
  }

  /// Brings the ruleset up to what is written down, and then ends the flows that it would no longer let begin. Whoever is
  /// killed in between leaves drift, which `check` sees and `repair` mends.
  /// - Parameter keys: those that may have been allowed other things before.
  private func enforce(
    on keys: Set<AttachmentKey>, _ bringUp: () throws(TapestryError) -> Void
  ) throws(TapestryError) {
    do throws(TapestryError) {
      try bringUp()
      _ = try endForbiddenFlows(suspects: keys)
    } catch {
      throw error.unfinished
    }
  }

  /// Carries out what a network, or one attachment of it, lacks of what is written down.
  func bringUp(_ network: Identifier, only key: AttachmentKey? = nil) throws(TapestryError) {
    let outcome = try converge(desired) { $0.concerning(network, only: key) }
    if let error = outcome.errors.first { throw error }
  }

  // MARK: Flows

  /// The flows that no policy allows any more, or that are not translated as they should be, as drift.
  func forbiddenFlows(_ desired: Desired, _ observed: Observed) throws(TapestryError) -> [Drift] {
    guard !desired.guests.isEmpty else { return [] }
    let judge = try judge(desired, observed)
    return try host.flows(judge.condemns).map { $0.drift(judge) }
  }

  /// Ends the flows that no policy allows any more, and those that are not translated as they should be: what comes next is
  /// looked at as the first of a new one.
  /// - Parameter suspects: see `FlowJudge`.
  func endForbiddenFlows(suspects: Set<AttachmentKey> = []) throws(TapestryError) -> [Drift] {
    let desired = try desired()
    guard !desired.guests.isEmpty else { return [] }
    let judge = try judge(desired, try host.observe().observed, suspects)
    return try host.end(judge.condemns).map { $0.drift(judge) }
  }

  private func judge(
    _ desired: Desired, _ observed: Observed, _ suspects: Set<AttachmentKey> = []
  ) throws(TapestryError) -> FlowJudge {
    let domains = desired.guests.filter { suspects.contains($0.lease.key) }.map(\.domains)
    return FlowJudge(
      desired, observed, learnt: try host.learnt(domains.reduce(into: []) { $0.formUnion($1) }), suspects: suspects)
  }
}

extension Flow {
  fileprivate func drift(_ judge: FlowJudge) -> Drift {
    let fault =
      judge.forbids(self)
      ? "goes on, which no policy allows" : "began while the tables were gone, and is not translated"
    return Drift(description: "a connection of \(self) \(fault)", step: "end it")
  }
}
