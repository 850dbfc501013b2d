package import Linux
import NetTypes

/// Why a lease is held for nobody.
enum Garbage: Equatable {
  /// The attach was cut short: nobody was told of it.
  case pending
  /// The detach was cut short: nobody wants it.
  case releasing
  /// The process that it was tied to has ended, and nobody else has its TAP open.
  case ended(ProcessIdentity)

  /// nil for a lease in use. Ask under the lock alone: nobody is then about to end an attach or a detach.
  init?<Failure: Error>(
    _ lease: Lease, hasEnded: (ProcessIdentity) throws(Failure) -> Bool, isOpen: () throws(Failure) -> Bool
  ) throws(Failure) {
    switch lease.state {
    case .pending: self = .pending
    case .releasing: self = .releasing
    case .active:
      // In this order: whoever takes the TAP over from a process does so before that ends.
      guard let process = lease.process, try hasEnded(process), try !isOpen() else { return nil }
      self = .ended(process)
    }
  }

  /// Whether it was there, whole, and is wanted no more; the others never were, or are on their way out.
  var isEnded: Bool { if case .ended = self { true } else { false } }

  func drift(_ lease: Lease) -> Drift {
    let what =
      switch self {
      case .pending: "the attach of \(lease.key) was interrupted"
      case .releasing: "the detach of \(lease.key) was interrupted"
      case .ended(let process): "process \(process.pid) of \(lease.key) has ended"
      }
    return Drift(
      .lease, what, step: "give up the lease of \(lease.key) on \(lease.address)", network: lease.network,
      key: lease.key)
  }
}

extension Engine {
  /// A lease, and why nobody uses it.
  struct Unused {
    var lease: Lease
    var reason: Garbage

    var drift: Drift { reason.drift(lease) }
  }

  /// - Throws: `KERNEL_REFUSED` when a process cannot be looked at: whoever asks for all must not be told of some.
  func garbage() throws(TapestryError) -> [Unused] {
    var found: [Unused] = []
    for lease in try store.leases(network: nil, vm: nil) {
      if let reason = try garbage(lease) { found.append(Unused(lease: lease, reason: reason)) }
    }
    return found
  }

  /// Why nobody uses a lease; nil for one in use. A process of another PID namespace is not judged by its number, and a TAP
  /// that somebody has open is in use, whoever that is: a VMM that went into the background, say.
  func garbage(_ lease: Lease) throws(TapestryError) -> Garbage? {
    try Garbage(lease) { process throws(TapestryError) in
      try hasEnded(process)
    } isOpen: { () throws(TapestryError) in
      try carrier(of: lease)?.isOn == true
    }
  }

  private func hasEnded(_ process: ProcessIdentity) throws(TapestryError) -> Bool {
    do throws(KernelError) { return try process.standing() == .ended } catch {
      throw .unknownProcess(process.pid, error)
    }
  }

  func carrier(of lease: Lease) throws(TapestryError) -> TapCarrier? {
    try host.carrier(of: lease.tapName, marked: .attachment(network: lease.network, key: lease.key))
  }

  /// - Returns: nil where there is no such attachment, it is not this process's, or it has no TAP.
  package func carrier(
    vmID: String, interfaceID: String, heldBy process: ProcessIdentity
  ) throws(TapestryError) -> TapCarrier? {
    guard let lease = try store.lease(for: try key(vmID, interfaceID)), lease.process == process else { return nil }
    return try carrier(of: lease)
  }

  /// The process of an attachment that nobody uses any more; one that cannot be looked at counts as running.
  func endedProcess(of lease: Lease) -> Int32? {
    guard case .ended(let process)? = try? garbage(lease) else { return nil }
    return process.pid
  }

  /// Takes down what is held for nobody, and what carries our mark and has no lease. Mends nothing.
  package func collectGarbage() throws(TapestryError) -> [Drift] {
    try alone { work throws(TapestryError) in try work.collectGarbage() }
  }

  package func previewGarbage() throws(TapestryError) -> [Drift] {
    try lookingAlone { work throws(TapestryError) in
      let observed = try work.observed()
      try refuseMismatch(observed)
      let garbage = try garbage()
      let wanted = try desired(without: Set(garbage.map(\.lease.key)))
      return garbage.map(\.drift) + Plan.difference(wanted, observed).sparingOpenTaps(observed).removals.drift
    }
  }
}

extension TapestryError {
  static func unknownProcess(_ pid: Int32, _ error: KernelError) -> TapestryError {
    TapestryError(
      .kernelRefused, "Cannot tell whether process \(pid) is running: \(error)",
      cause: .init(operation: error.operation, errno: error.errno.rawValue, message: "\(error.errno)"))
  }
}
