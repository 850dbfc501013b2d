import NetTypes

/// Examines the host and changes nothing: neither the kernel nor the state file, which need not exist.
package enum Doctor {
  /// - Throws: `NOT_PERMITTED`, `KERNEL_REFUSED` if even looking is impossible.
  package static func findings(_ options: NetworkManager.Options) throws(TapestryError) -> [Finding] {
    let host = try LinuxHost()
    var facts = try host.facts()
    var networks: [Network] = []
    var findings: [Finding] = []
    // Networks of another state file would look like foreign subnets.
    var isOwn = true
    do throws(TapestryError) {
      // The tables are read first, as in `Engine.mismatch()`.
      let mark = facts.mayAdminister ? try host.stateMark() : nil
      let store = try SQLiteLeaseStore(lookingAt: options.statePath)
      networks = try store.networks()
      if let error = StateMark(id: try store.identity().id, path: options.statePath).mismatch(with: mark) {
        isOwn = false
        throw error
      }
      let count = networks.isEmpty ? "no network yet" : "\(networks.count) network\(networks.count == 1 ? "" : "s")"
      findings.append(Finding("state", .ok, "\(options.statePath) has \(count)"))
    } catch {
      findings.append(Finding("state", .problem, error.commandLineMessage))
    }
    if !isOwn { networks = [] }
    let isInUse = !networks.isEmpty
    if facts.mayAdminister, isInUse { findings += try drift(options) }
    let observed = facts.mayAdminister ? try host.observe().observed : nil
    if isOwn, !isInUse { networks = [options.defaultNetwork(observed)] }
    if let observed, isInUse { facts.closedServices = try host.firewalls.closedServices(networks, observed) }
    let diagnosis = Diagnosis(facts: facts, observed: observed, networks: networks, isInUse: isInUse)
    return findings + diagnosis.findings
  }

  /// `check` examines our own objects. This only reports whether there is any drift.
  private static func drift(_ options: NetworkManager.Options) throws(TapestryError) -> [Finding] {
    let drift = try Engine(lookingAt: options).check()
    guard let first = drift.first else { return [] }
    let more = drift.count == 1 ? "" : ", and \(drift.count - 1) more"
    return [
      Finding(
        "drift", .problem, "the kernel differs from the state file: \(first.description)\(more)",
        advice: drift.contains { $0.step != nil } ? "tapestry repair" : "tapestry check")
    ]
  }
}
