import Linux
import Logging
import NetTypes

/// The work of a manager, without suspension points: each method completes what it begins.
///
/// Locks order the processes that share a state file. Attach and detach share the state's lock. Commands that compare
/// everything hold it exclusively, so that nothing is half-made while they look. Nobody waits for a process under it: that
/// is done under a lock of the network's own, see `alone`.
package final class Engine {
  let options: NetworkManager.Options
  let host: any Host
  let store: SQLiteLeaseStore
  let lock: StateLock
  /// Whether the process is expected to continue after a method returns.
  let isLongLived: Bool
  /// The networks whose name servers `converge` has left to be started or stopped.
  var unserved: Set<Identifier> = []

  package convenience init(_ options: NetworkManager.Options, isLongLived: Bool = false) throws(TapestryError) {
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

  /// An engine that only looks: it has a copy of the store, and makes no file. Call only methods that change nothing.
  package convenience init(lookingAt options: NetworkManager.Options) throws(TapestryError) {
    self.init(
      options, host: try LinuxHost(statePath: options.statePath),
      store: try SQLiteLeaseStore(lookingAt: options.statePath, bootID: try LinuxHost.bootID()),
      lock: try StateLock(lookingAt: options.statePath))
  }

  init(
    _ options: NetworkManager.Options, host: any Host, store: SQLiteLeaseStore, lock: StateLock,
    isLongLived: Bool = false
  ) {
    self.options = options
    self.host = host
    self.store = store
    self.lock = lock
    self.isLongLived = isLongLived
  }

  // MARK: Desired

  /// What the store says should exist: all active attachments, even if their process has ended. Pending and releasing ones
  /// are left out. The caller holds the exclusive lock, so nobody is about to complete them.
  package func desired() throws(TapestryError) -> Desired {
    let networks = try store.networks()
    let active = try store.leases(network: nil, vm: nil).filter { $0.state == .active }
    return Desired(
      networks: networks, guests: guests(of: active, in: networks),
      restoredSysctls: try priorSysctls(unneededBy: networks))
  }

  /// The earlier values of changed sysctls that none of these networks needs.
  func priorSysctls(unneededBy networks: [Network]) throws(TapestryError) -> [Sysctl: String] {
    guard !networks.contains(where: { $0.subnet6 != nil }) else { return [:] }
    let prior = Dictionary(try store.rememberedSysctls().map { ($0.sysctl, $0.value) }) { first, _ in first }
    return networks.isEmpty ? prior : prior.filter { Forwarding6.isOfIPv6($0.key) }
  }

  /// Forgets the earlier values of sysctls that no network needs any more, after they have been restored.
  func forgetSysctls(unneededBy networks: [Network]) throws(TapestryError) {
    if networks.isEmpty { return try store.forgetSysctls(nil) }
    let unneeded = try priorSysctls(unneededBy: networks)
    if !unneeded.isEmpty { try store.forgetSysctls(Array(unneeded.keys)) }
  }
}

extension TapestryError {
  /// Undoes what a command had made before this error.
  /// - Returns: this error; if undoing failed, with that failure added.
  func undoing<Made>(_ made: Made, by undo: (Made) throws(TapestryError) -> Void) -> TapestryError {
    do throws(TapestryError) { try undo(made) } catch let second { return notUndone(second) }
    return self
  }

  /// The error of a command that could not undo what it had begun.
  func notUndone(_ second: TapestryError) -> TapestryError {
    adding("Undoing the changes failed too: \(second.text)").adding("Run '\(.repair)' when the cause is fixed.")
  }

  /// The error of a command that removes things and stopped halfway.
  var leavingRest: TapestryError { adding("Run the same command again, or '\(.repair)', to remove the rest.") }

  /// The error of a command during which a name server failed as well.
  func besides(_ second: TapestryError) -> TapestryError {
    self == second ? self : adding("A name server failed as well: \(second.text)")
  }

  /// The error of a network that could not be completed but is in use.
  func keeping(_ network: Identifier) -> TapestryError {
    adding("Network \(network) stays, because VMs are attached to it; '\(.repair)' starts its name server.")
  }

  /// The error of a command that has removed a network but not everything of its name server.
  var leavingNameServer: TapestryError { adding("The network is gone; run '\(.repair)' to remove its name server.") }

  /// The error of a command that repairs things and stopped halfway.
  var unfinished: TapestryError { adding("Run the same command again to complete it.") }

  private func adding(_ sentence: Message) -> TapestryError {
    guard !message.hasSuffix(sentence.description) else { return self }
    // The kernel's answers have no full stop at the end.
    return TapestryError(code, saying: "\(text)\(message.last == "." ? "" : ".") \(sentence)", cause: cause)
  }

  /// One error for the failures of a teardown: the only one, or a message that lists all. Steps of one system call fail
  /// with one error.
  static func joining(_ failures: [TapestryError], _ summary: String) -> TapestryError? {
    var errors: [TapestryError] = []
    for failure in failures where !errors.contains(failure) { errors.append(failure) }
    guard let first = errors.first else { return nil }
    guard errors.count > 1 else { return first }
    let list = errors.map { error -> Message in "  \(error.text) (\(error.code))" }
    return TapestryError(
      .cleanupFailed, saying: "\(summary): \(errors.count) failures\n\(list, separator: "\n")", cause: first.cause)
  }
}
