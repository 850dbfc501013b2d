import Linux
import Logging
import NetTypes

/// The work of a manager, without suspension points: what a method here has begun, it ends.
///
/// Two locks order the processes that share a state file. Whoever attaches or detaches holds the first together with
/// others; whoever compares all that should be with all that is holds it alone, so that nothing is ever half-made
/// while it looks. Nobody waits for a process meanwhile: what takes that has a lock for each network, see `alone`.
package final class Engine {
  let options: NetworkManager.Options
  let host: any Host
  let store: any LeaseStore
  let lock: StateLock
  /// Whether the process is expected to go on after a method returns.
  let isLongLived: Bool
  /// The networks whose name servers `converge` has left to be started or ended.
  var unserved: Set<Identifier> = []

  package convenience init(
    _ options: NetworkManager.Options, isLongLived: Bool = false
  ) throws(TapestryError) {
    let logger = options.logger
    try self.init(options, isLongLived: isLongLived) { step in logger.debug("\(step)") }
  }

  convenience init(
    _ options: NetworkManager.Options, isLongLived: Bool, log: @escaping (Step) -> Void
  ) throws(TapestryError) {
    let lock = try StateLock(statePath: options.statePath)
    let store = try SQLiteLeaseStore(path: options.statePath, bootID: try LinuxHost.bootID())
    let host = try LinuxHost(statePath: options.statePath, log: log)
    self.init(options, host: host, store: store, lock: lock, isLongLived: isLongLived)
  }

  /// One that only looks: it has a copy of the store, and makes no file. Of its methods call those that change nothing.
  package convenience init(lookingAt options: NetworkManager.Options) throws(TapestryError) {
    self.init(
      options, host: try LinuxHost(statePath: options.statePath),
      store: try SQLiteLeaseStore(lookingAt: options.statePath, bootID: try LinuxHost.bootID()),
      lock: try StateLock(lookingAt: options.statePath))
  }

  init(
    _ options: NetworkManager.Options, host: any Host, store: any LeaseStore, lock: StateLock,
    isLongLived: Bool = false
  ) {
    self.options = options
    self.host = host
    self.store = store
    self.lock = lock
    self.isLongLived = isLongLived
  }

  // MARK: Desired

  /// What the store says should exist: what is attached, though its process may have ended. What is half-made or half gone
  /// is left out; whoever asks holds the lock alone, so nobody is about to make something of it.
  func desired() throws(TapestryError) -> Desired { try desired { $0.state == .active } }

  /// The same without what is given up.
  func desired(without garbage: Set<AttachmentKey>) throws(TapestryError) -> Desired {
    try desired { $0.state == .active && !garbage.contains($0.key) }
  }

  private func desired(_ isWanted: (Lease) -> Bool) throws(TapestryError) -> Desired {
    let networks = try store.networks()
    let byName = Dictionary(networks.map { ($0.name, $0) }) { first, _ in first }
    var guests: [Desired.Guest] = []
    for lease in try store.leases(network: nil, vm: nil) where isWanted(lease) {
      if let network = byName[lease.network] { guests.append(Desired.Guest(network: network, lease: lease)) }
    }
    return Desired(
      networks: networks, guests: guests,
      restoredSysctls: try priorSysctls(unneededBy: networks))
  }

  /// The values that sysctls had before they were changed, of those that none of these networks needs.
  func priorSysctls(unneededBy networks: [Network]) throws(TapestryError) -> [Sysctl: String] {
    guard !networks.contains(where: { $0.subnet6 != nil }) else { return [:] }
    let prior = Dictionary(try store.rememberedSysctls().map { ($0.sysctl, $0.value) }) { first, _ in first }
    return networks.isEmpty ? prior : prior.filter { Forwarding6.isOfIPv6($0.key) }
  }

  /// Forgets what no network needs any more, and has been put back.
  func forgetSysctls(unneededBy networks: [Network]) throws(TapestryError) {
    if networks.isEmpty { return try store.forgetSysctls(nil) }
    let unneeded = try priorSysctls(unneededBy: networks)
    if !unneeded.isEmpty { try store.forgetSysctls(Array(unneeded.keys)) }
  }

}

extension TapestryError {
  /// The error of a command that could not undo what it had begun.
  func notUndone(_ second: TapestryError) -> TapestryError {
    adding("Undoing what was begun failed too: \(second.message)")
      .adding("Run 'tapestry repair' once the cause is gone.")
  }

  /// The error of a command that takes things down and stopped halfway.
  var leavingRest: TapestryError {
    adding("What is left goes with the same command again, or with 'tapestry repair'.")
  }

  /// The error of a command in whose course a name server failed as well.
  func besides(_ second: TapestryError) -> TapestryError {
    self == second ? self : adding("Besides, a name server failed: \(second.message)")
  }

  /// The error of a network that could not be made whole, and is in use.
  func keeping(_ network: Identifier) -> TapestryError {
    adding("Network \(network) stays, since VMs are attached to it; 'tapestry repair' starts its name server.")
  }

  /// The error of a command that has removed a network, of whose name server something is left.
  var leavingNameServer: TapestryError { adding("The network is gone; its name server goes with 'tapestry gc'.") }

  /// The error of a command that mends things and stopped halfway.
  var unfinished: TapestryError { adding("What is left is done by the same command again.") }

  private func adding(_ sentence: String) -> TapestryError {
    var copy = self
    // The answers of the kernel end without a full stop.
    guard !message.hasSuffix(sentence) else { return self }
    copy.message += message.last == "." ? " \(sentence)" : ". \(sentence)"
    return copy
  }

  /// One error for the failures of a teardown: the only one itself, or all in one message. Steps that one system call
  /// carries out together have one failure together.
  static func joining(_ failures: [TapestryError], _ summary: String) -> TapestryError? {
    var errors: [TapestryError] = []
    for failure in failures where !errors.contains(failure) { errors.append(failure) }
    guard let first = errors.first else { return nil }
    guard errors.count > 1 else { return first }
    let list = errors.map { "  \($0)" }.joined(separator: "\n")
    return TapestryError(.cleanupFailed, "\(summary): \(errors.count) failures\n\(list)", cause: first.cause)
  }
}
