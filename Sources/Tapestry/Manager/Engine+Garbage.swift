import Linux
import NetTypes

/// Why a lease is held for nobody.
enum Garbage: Equatable {
  /// The attach was cut short: nobody was told of it.
  case pending
  /// The detach was cut short: nobody wants it.
  case releasing
  /// The process that it was tied to has ended.
  case ended(ProcessIdentity)

  /// nil for a lease in use. Ask under the lock alone: nobody is then about to end an attach or a detach.
  init?(_ lease: Lease) {
    switch lease.state {
    case .pending: self = .pending
    case .releasing: self = .releasing
    case .active:
      guard let process = lease.process, !process.isAlive else { return nil }
      self = .ended(process)
    }
  }

  func drift(_ lease: Lease) -> Drift {
    let what =
      switch self {
      case .pending: "the attach of \(lease.key) was interrupted"
      case .releasing: "the detach of \(lease.key) was interrupted"
      case .ended(let process): "process \(process.pid) of \(lease.key) has ended"
      }
    return Drift(description: what, step: "give up the lease of \(lease.key) on \(lease.address)")
  }
}

extension Engine {
  func garbage() throws(TapestryError) -> [(lease: Lease, drift: Drift)] {
    try store.leases(network: nil, vm: nil).compactMap { lease in
      Garbage(lease).map { (lease, $0.drift(lease)) }
    }
  }

  /// Takes down what is held for nobody, and what carries our mark and has no lease. Mends nothing.
  package func collectGarbage() throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in try collectGarbageAlone() }
  }

  package func previewGarbage() throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in
      let observed = try host.observe().observed
      try refuseToForget(observed)
      return try garbage().map(\.drift) + Plan.difference(try desired(), observed).removals.drift
    }
  }

  /// Takes down what processes that have ended left: the first step of commands that are not in a hurry, so that a VMM
  /// whose `tapestry run` was killed is cleaned up after by whatever comes next.
  func collectEnded() throws(TapestryError) {
    let hasEnded = try store.leases(network: nil, vm: nil).contains { lease in
      if case .ended? = Garbage(lease) { true } else { false }
    }
    if hasEnded { _ = try collectGarbage() }
  }

  /// Call it under the lock alone.
  func collectGarbageAlone() throws(TapestryError) -> [Drift] {
    try refuseToForget(try host.observe().observed)
    let garbage = try garbage()
    let outcome = try converge(desired) { $0.removals }
    try finish(garbage.map(\.lease), after: outcome, "Not all garbage could be collected")
    return garbage.map(\.drift) + outcome.plan.drift
  }
}
