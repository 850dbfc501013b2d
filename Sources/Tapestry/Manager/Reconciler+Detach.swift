import NetTypes

extension Reconciler {
  /// Removes chains before the leases are released: nobody would remove them later.
  func forgetChains(of leases: [Lease]) throws(TapestryError) {
    let networks = Set(leases.filter(\.settings.hasChains).map(\.network))
    guard !networks.isEmpty else { return }
    let outcome = try converge(engine.desired) { $0.concerning(networks).removals }
    if let error = outcome.errors.first { throw error }
  }
}
