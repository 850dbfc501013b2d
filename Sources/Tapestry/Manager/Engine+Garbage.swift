package import Linux
import NetTypes

/// Why a lease is held for nobody.
enum Garbage: Equatable {
  /// The attach was interrupted: nobody got its result.
  case pending
  /// The detach was interrupted.
  case releasing
  /// The process that it was tied to has ended, and no other process has its TAP open.
  case ended(ProcessIdentity)

  /// Whether the attachment was complete and is no longer wanted. The others were never complete, or are being removed.
  var isEnded: Bool { if case .ended = self { true } else { false } }

  func drift(_ lease: Lease) -> Drift {
    let what =
      switch self {
      case .pending: "the attach of \(lease.key) was interrupted"
      case .releasing: "the detach of \(lease.key) was interrupted"
      case .ended(let process): "process \(process.pid) of \(lease.key) has ended"
      }
    return Drift(
      .lease, what, step: "release the lease of \(lease.key) on \(lease.address)", network: lease.network,
      key: lease.key)
  }
}

extension Engine {
  /// A lease that nobody uses, and the reason.
  struct Unused {
    var lease: Lease
    var reason: Garbage

    var drift: Drift { reason.drift(lease) }
  }

  /// - Throws: `KERNEL_REFUSED` if a process cannot be examined: the result must be complete.
  func garbage() throws(TapestryError) -> [Unused] {
    var found: [Unused] = []
    for lease in try store.leases(network: nil, vm: nil) {
      if let reason = try garbage(lease) { found.append(Unused(lease: lease, reason: reason)) }
    }
    return found
  }

  /// Why nobody uses a lease. Returns nil for a lease in use. A process of another PID namespace is not judged by its
  /// number. A TAP that any process has open is in use, such as that of a VMM that went into the background. Call it under
  /// the exclusive lock, so that no attach or detach is about to finish.
  func garbage(_ lease: Lease) throws(TapestryError) -> Garbage? {
    switch lease.state {
    case .pending: return .pending
    case .releasing: return .releasing
    case .active:
      // In this order: a process that takes the TAP over from another does so before the other ends.
      guard let process = lease.process, try hasEnded(process), try carrier(of: lease)?.isOn != true else { return nil }
      return .ended(process)
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

  /// - Returns: nil if there is no such attachment, this process does not hold it, or it has no TAP.
  package func carrier(
    vmID: Identifier, interfaceID: Identifier, heldBy process: ProcessIdentity
  ) throws(TapestryError) -> TapCarrier? {
    let key = AttachmentKey(vm: vmID, interface: interfaceID)
    guard let lease = try store.lease(for: key), lease.process == process else { return nil }
    return try carrier(of: lease)
  }

  /// The process of an attachment that nobody uses any more. A process that cannot be examined counts as running.
  func endedProcess(of lease: Lease) -> Int32? {
    guard case .ended(let process)? = try? garbage(lease) else { return nil }
    return process.pid
  }

  /// Removes leases that are held for nobody, and objects with our mark that have no lease. Repairs nothing.
  package func collectGarbage() throws(TapestryError) -> [Drift] {
    try alone { work throws(TapestryError) in try work.collectGarbage() }
  }

  package func previewGarbage() throws(TapestryError) -> [Drift] {
    try lookingAlone { work throws(TapestryError) in
      let observed = try work.observed()
      try refuseMismatch(observed)
      let garbage = try garbage()
      let wanted = try desired().without(Set(garbage.map(\.lease.key)))
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
