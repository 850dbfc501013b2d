import NetTypes

extension Engine {
  /// Changes settings of a VM's interfaces, or of one of them, in one step: killed anywhere, all of it is written down or
  /// nothing. Connections that are no longer allowed end; those that a new limit leaves no room for go on.
  package func update(
    vmID: String, interfaceID: String?, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> [Attachment] {
    try alone { () throws(TapestryError) in
      try host.requirePermission()
      try requireOwnTables()
      let guests = try writeDown(vmID, interfaceID, change)
      try enforce(Set(guests.map(\.lease.key))) { $0.concerning(guests) }
      return guests.map { Attachment($0.lease, in: $0.network) }
    }
  }

  /// What `update` would give, and end.
  package func previewUpdate(
    vmID: String, interfaceID: String?, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> UpdatePreview<[Attachment]> {
    try lock.alone { () throws(TapestryError) in
      let observed = try observe().observed
      try refuseMismatch(observed)
      let (guests, desired) = try store.preview { () throws(TapestryError) -> ([Desired.Guest], Desired) in
        (try writeDown(vmID, interfaceID, change), try self.desired())
      }
      return UpdatePreview(
        changed: guests.map { Attachment($0.lease, in: $0.network) }, ending: try ending(desired, observed))
    }
  }

  /// - Returns: the attachments as they are then.
  private func writeDown(
    _ vmID: String, _ interfaceID: String?, _ change: (inout AttachmentSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> [Desired.Guest] {
    let leases = try activeLeases(vmID, interfaceID)
    let networks = Dictionary(try guests(of: leases).map { ($0.network.name, $0.network) }) { first, _ in first }
    let changed = try store.update(leases.map(\.key)) { lease throws(TapestryError) in
      var settings = lease.settings
      try change(&settings)
      try settings.validateLimits()
      if settings.egress != lease.egress, let network = networks[lease.network] {
        try settings.egress.validate(in: network, insteadOf: lease.egress)
      }
      return settings
    }
    return try guests(of: changed)
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

  // MARK: Networks

  /// Changes settings of a network, for the guests that are attached too, in one step.
  package func update(
    network text: String, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> Network {
    let name = try network(named: text).name
    return try alone { () throws(TapestryError) in
      try host.requirePermission()
      try requireOwnTables()
      let isFirst = try store.network(named: name) == nil
      if isFirst { try establishDefaultNetwork() }
      do throws(TapestryError) {
        let network = try writeDown(name, change)
        try enforce(Set(try store.leases(network: name, vm: nil).map(\.key))) { $0.concerning(name) }
        return network
      } catch {
        throw isFirst ? undoingNetwork(name, after: error) : error
      }
    }
  }

  /// What `update` would give, and end.
  package func previewUpdate(
    network text: String, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> UpdatePreview<Network> {
    let name = try network(named: text).name
    return try lock.alone { () throws(TapestryError) in
      let observed = try observe().observed
      try refuseMismatch(observed)
      let (network, desired) = try store.preview { () throws(TapestryError) -> (Network, Desired) in
        if try store.network(named: name) == nil { try store.insert(defaultNetwork(observed)) }
        return (try writeDown(name, change), try self.desired())
      }
      return UpdatePreview(changed: network, ending: try ending(desired, observed))
    }
  }

  private func writeDown(
    _ name: Identifier, _ change: (inout NetworkSettings) throws(TapestryError) -> Void
  ) throws(TapestryError) -> Network {
    try store.update(network: name) { before throws(TapestryError) in
      var network = before
      try change(&network.settings)
      guard network.egress != before.egress else { return network.settings }
      guard network.egress.reach != .inherited || before.egress.reach == .inherited else {
        throw TapestryError(
          .invalidPolicy, "Network \(name) has nobody to inherit a reach from: say all, internet or none")
      }
      try network.egress.validate(in: network, insteadOf: before.egress)
      return network.settings
    }
  }

  // MARK: Carrying out

  /// Brings the ruleset up to what is written down, and then ends the flows that it would no longer let begin. Whoever is
  /// killed in between leaves drift, which `check` sees and `repair` mends.
  private func enforce(_ keys: Set<AttachmentKey>, _ select: (Plan) -> Plan) throws(TapestryError) {
    do throws(TapestryError) {
      let outcome = try converge(desired, select: select)
      if let error = outcome.errors.first { throw error }
      _ = try endForbiddenFlows(of: keys)
    } catch {
      throw error.unfinished
    }
  }

  /// Carries out what a network, or one attachment of it, lacks of what is written down; but for its name server.
  func bringUp(_ network: Identifier, only key: AttachmentKey? = nil) throws(TapestryError) {
    let outcome = try converge(desired) { $0.concerning(network, only: key).withoutServing }
    if let error = outcome.errors.first { throw error }
  }

  // MARK: Flows

  /// The flows that no policy allows any more, or that are not translated as they should be, as drift.
  func forbiddenFlows(_ desired: Desired, _ observed: Observed) throws(TapestryError) -> [Drift] {
    let (flows, judge) = try condemned(desired, observed)
    return flows.map { $0.drift(judge) }
  }

  /// Ends the flows that no policy allows any more, and those that are not translated as they should be: what comes next is
  /// looked at as the first of a new one.
  /// - Parameters:
  ///   - keys: those that have what is written down; nil for all. They are settled then.
  ///   - suspects: see `FlowJudge`; besides those that are unsettled.
  func endForbiddenFlows(
    of keys: Set<AttachmentKey>? = nil, suspects: Set<AttachmentKey> = []
  ) throws(TapestryError) -> [Drift] {
    let desired = try desired()
    guard !desired.guests.isEmpty else { return [] }
    let judge = try judge(desired, try observe().observed, suspects)
    let ended = try host.end(judge.condemns).map { $0.drift(judge) }
    let unsettled = desired.guests.map(\.lease).filter { $0.isUnsettled && keys?.contains($0.key) ?? true }
    if !unsettled.isEmpty { try store.settle(unsettled.map(\.key)) }
    return ended
  }

  private func ending(_ desired: Desired, _ observed: Observed) throws(TapestryError) -> [String] {
    try condemned(desired, observed).flows.map(\.description).sorted()
  }

  private func condemned(
    _ desired: Desired, _ observed: Observed
  ) throws(TapestryError) -> (flows: [Flow], judge: FlowJudge) {
    let judge = try judge(desired, observed)
    return (desired.guests.isEmpty ? [] : try host.flows(judge.condemns), judge)
  }

  private func judge(
    _ desired: Desired, _ observed: Observed, _ suspects: Set<AttachmentKey> = []
  ) throws(TapestryError) -> FlowJudge {
    let unsettled = desired.guests.map(\.lease).filter { $0.isUnsettled || suspects.contains($0.key) }.map(\.key)
    let domains = desired.guests.filter { unsettled.contains($0.lease.key) }.map(\.domains)
    return FlowJudge(
      desired, observed, learnt: try host.learnt(domains.reduce(into: []) { $0.formUnion($1) }),
      suspects: Set(unsettled))
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
