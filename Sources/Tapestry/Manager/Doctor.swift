import NetTypes

/// Looks a host over and changes nothing: neither the kernel nor the state file, which need not be there.
package enum Doctor {
  /// - Throws: `NOT_PERMITTED`, `KERNEL_REFUSED` where not even looking is possible.
  package static func findings(_ options: NetworkManager.Options) throws(TapestryError) -> [Finding] {
    let host = try LinuxHost()
    var facts = try host.facts()
    var networks: [Network] = []
    var findings: [Finding] = []
    // Another file's networks would look like somebody's subnets.
    var isOwn = true
    do throws(TapestryError) {
      let store = try SQLiteLeaseStore(lookingAt: options.statePath)
      networks = try store.networks()
      let own = StateMark(id: try store.identity().id, path: options.statePath)
      if let error = own.mismatch(with: facts.mayAdminister ? try host.stateMark() : nil) {
        isOwn = false
        throw error
      }
      let count = networks.isEmpty ? "no network yet" : "\(networks.count) network\(networks.count == 1 ? "" : "s")"
      findings.append(Finding("state", .ok, "\(options.statePath) knows \(count)"))
    } catch {
      findings.append(Finding("state", .problem, error.message))
    }
    if !isOwn { networks = [] }
    let isInUse = !networks.isEmpty
    if facts.mayAdminister, isInUse { findings += try drift(options) }
    let observed = facts.mayAdminister ? try host.observe().observed : nil
    if isOwn, !isInUse {
      networks = [
        Network(
          name: .default, subnet: options.subnet, bridge: options.bridgeName,
          mtu: observed?.standardMTU ?? Network.standardMTU)
      ]
    }
    if let observed, isInUse { facts.closedServices = try host.closedServices(networks, observed) }
    let diagnosis = Diagnosis(facts: facts, observed: observed, networks: networks, isInUse: isInUse)
    return findings + diagnosis.findings
  }

  /// What is ours is looked at by `check`: here is only whether there is anything.
  private static func drift(_ options: NetworkManager.Options) throws(TapestryError) -> [Finding] {
    let drift = try Engine(lookingAt: options).check()
    guard let first = drift.first else { return [] }
    let more = drift.count == 1 ? "" : ", and \(drift.count - 1) more"
    return [
      Finding(
        "drift", .problem, "not all is as the state file says: \(first.description)\(more)",
        advice: drift.contains { $0.step != nil } ? "tapestry repair" : "tapestry check")
    ]
  }
}
