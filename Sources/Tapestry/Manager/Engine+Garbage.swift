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
  /// A process that cannot be looked at counts as alive.
  init?(_ lease: Lease) { self.init(lease) { $0.isAlive } }

  init?<Failure: Error>(_ lease: Lease, isAlive: (ProcessIdentity) throws(Failure) -> Bool) throws(Failure) {
    switch lease.state {
    case .pending: self = .pending
    case .releasing: self = .releasing
    case .active:
      guard let process = lease.process, try !isAlive(process) else { return nil }
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
  /// - Throws: `KERNEL_REFUSED` when a process cannot be looked at: whoever asks for all must not be told of some.
  func garbage() throws(TapestryError) -> [(lease: Lease, drift: Drift)] {
    var found: [(lease: Lease, drift: Drift)] = []
    for lease in try store.leases(network: nil, vm: nil) {
      let garbage = try Garbage(lease) { held throws(TapestryError) in try find(held.pid) == held }
      if let garbage { found.append((lease, garbage.drift(lease))) }
    }
    return found
  }

  /// Takes down what is held for nobody, and what carries our mark and has no lease. Mends nothing.
  package func collectGarbage() throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in try collectGarbageAlone() }
  }

  package func previewGarbage() throws(TapestryError) -> [Drift] {
    try lock.alone { () throws(TapestryError) in
      let observed = try observe().observed
      try refuseMismatch(observed)
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
    try requireOwn(try observe().observed)
    let garbage = try garbage()
    do throws(TapestryError) {
      let outcome = try converge { () throws(TapestryError) in
        try desired(without: Set(garbage.map(\.lease.key)))
      } select: {
        $0.removals
      }
      try finish(garbage.map(\.lease), after: outcome, "Not all garbage could be collected")
      return garbage.map(\.drift) + outcome.plan.drift
    } catch {
      throw error.leavingRest
    }
  }
}
