import NetTypes

extension Reconciler {
  /// Applies the stored policies to the ruleset, and then ends the flows that it would no longer let begin. A kill in
  /// between leaves drift, which `check` reports and `repair` repairs.
  /// - Parameters:
  ///   - keys: The attachments whose policies have changed; nil if no flow is to be judged.
  ///   - change: Applies the change directly, or returns false.
  ///   - select: The part of the difference that is applied if `change` returns false.
  func enforce(
    of keys: Set<AttachmentKey>?, _ change: () throws(TapestryError) -> Bool, else select: (Plan) -> Plan
  ) throws(TapestryError) {
    do throws(TapestryError) {
      if try !change() { try converge(select: select).requireSuccess() }
      if let keys { _ = try endForbiddenFlows(of: keys) }
    } catch {
      throw error.unfinished
    }
  }

  /// Applies what a network, or one attachment of it, lacks, apart from its name server.
  func bringUp(_ network: Identifier, only key: AttachmentKey? = nil) throws(TapestryError) {
    try converge(select: { $0.concerning(network, only: key).withoutServing }).requireSuccess()
  }

  /// The flows that no policy allows any more, or that lack their NAT, as drift.
  func forbiddenFlows(_ desired: Desired) throws(TapestryError) -> [Drift] {
    let (flows, judge) = try condemned(desired)
    return flows.map { $0.drift(judge, desired) }
  }

  /// Ends the flows that no policy allows any more, and those that lack their NAT. Their next packet is judged as the first
  /// of a new connection.
  /// - Parameters:
  ///   - keys: The attachments whose stored policies are in force, nil for all. They become settled.
  ///   - suspects: See `FlowJudge`. Attachments whose policies are unsettled are suspects too.
  func endForbiddenFlows(
    of keys: Set<AttachmentKey>? = nil, suspects: Set<AttachmentKey> = []
  ) throws(TapestryError) -> [Drift] {
    let desired = try engine.desired()
    guard !desired.guests.isEmpty else { return [] }
    let judge = try judge(desired, suspects)
    let ended = try host.end(judge.mustEnd).map { $0.drift(judge, desired) }
    let unsettled = desired.guests.map(\.lease).filter { $0.isUnsettled && keys?.contains($0.key) ?? true }
    if !unsettled.isEmpty { try store.settle(unsettled.map(\.key)) }
    return ended
  }

  /// The connections that would end under these policies.
  func ending(_ desired: Desired) throws(TapestryError) -> [String] {
    try condemned(desired).flows.map(\.description).sorted()
  }

  private func condemned(_ desired: Desired) throws(TapestryError) -> (flows: [Flow], judge: FlowJudge) {
    let judge = try judge(desired)
    return (desired.guests.isEmpty ? [] : try host.flows(judge.mustEnd), judge)
  }

  private func judge(_ desired: Desired, _ suspects: Set<AttachmentKey> = []) throws(TapestryError) -> FlowJudge {
    let changed = desired.guests.filter { $0.lease.unsettled == .policy || suspects.contains($0.lease.key) }
    return FlowJudge(
      desired, try addresses(), learnt: try host.learnt(changed.reduce(into: []) { $0.formUnion($1.domains) }),
      suspects: Set(changed.map(\.lease.key)))
  }
}

extension Flow {
  fileprivate func drift(_ judge: FlowJudge, _ desired: Desired) -> Drift {
    let fault =
      judge.forbids(self)
      ? "is established but no longer allowed" : "began while the tables were missing, and lacks its NAT"
    let guest = desired.guests.first { guest in [source, end.address].contains(where: guest.addresses.contains) }
    return Drift(
      .connection, "connection \(self) \(fault)", step: "end it", network: guest?.network.name, key: guest?.lease.key)
  }
}
