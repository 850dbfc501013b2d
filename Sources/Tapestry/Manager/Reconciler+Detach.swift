import NetTypes

extension Reconciler {
  /// Before the leases go: nobody would come to it any more.
  func forgetChains(of leases: [Lease]) throws(TapestryError) {
    let networks = Set(leases.filter(\.settings.hasChains).map(\.network))
    guard !networks.isEmpty else { return }
    let outcome = try converge(engine.desired) { $0.concerning(networks).removals }
    if let error = outcome.errors.first { throw error }
  }
}
