import Linux

/// Checks that the kernel's objects belong to the state file. Every change checks that first, because another file's guests
/// would look like garbage.
extension Engine {
  /// Checks with few requests that the tables were made from this file; if there are none, that the TAPs were. Call it
  /// under a lock.
  /// - Throws: `STATE_MISMATCH`.
  func requireOwnTables() throws(TapestryError) {
    _ = try nameState()
    if let mark = try host.stateMark() { try requireOwnTables(mark) } else { try requireOwn(try observe().observed) }
  }

  func requireOwnTables(_ mark: StateMark?) throws(TapestryError) {
    let (own, identity) = try requireOwnNamespace()
    if let error = own.mismatch(with: mark) { throw error }
    try settle(from: identity)
  }

  /// As `requireOwnTables`, with everything that was observed. Call it before the first change.
  func requireOwn(_ observed: Observed) throws(TapestryError) {
    try settle(from: try refuseMismatch(observed))
  }

  /// The same check for previews.
  @discardableResult
  func refuseMismatch(_ observed: Observed) throws(TapestryError) -> StateIdentity {
    let (own, identity) = try requireOwnNamespace()
    if let error = observed.mismatch(with: own, try store.leases(network: nil, vm: nil)) { throw error }
    return identity
  }

  /// Makes existing objects this file's, even if they were another's. What the file says will be made in this namespace.
  func takeOver() throws(TapestryError) { try settle(from: try nameState().1) }

  /// The error that prevents all changes. Returns nil if there is none. Changes nothing.
  func mismatch(_ observed: Observed) throws(TapestryError) -> TapestryError? {
    do throws(TapestryError) { try refuseMismatch(observed) } catch {
      guard error.code == .stateMismatch else { throw error }
      return error
    }
    return nil
  }

  /// The same with few requests, for commands that only list the file. Also returns nil if the kernel does not answer.
  package func mismatch() -> TapestryError? {
    do throws(TapestryError) {
      // The tables are read first: a file exists before its tables do, so one that is read later is theirs.
      let mark = try host.stateMark()
      return try requireOwnNamespace().0.mismatch(with: mark)
    } catch {
      return error.code == .stateMismatch ? error : nil
    }
  }

  /// For the fast path of attach, which asks the kernel nothing: its change to the ruleset checks the tables
  /// (`StateMark.set`).
  /// - Returns: false if nothing of the file is in the kernel yet.
  func isSettled() throws(TapestryError) -> Bool {
    try requireOwnNamespace().1.namespace == host.namespace
  }

  /// Observes the host for this state file: another file's tables count as altered.
  package func observe() throws(TapestryError) -> Observation {
    _ = try nameState()
    return try host.observe()
  }

  /// A file without networks belongs to every namespace.
  private func requireOwnNamespace() throws(TapestryError) -> (StateMark, StateIdentity) {
    let (own, identity) = try nameState()
    let isElsewhere = identity.namespace.map { $0 != host.namespace } ?? false
    guard isElsewhere || identity.isCopy, try !store.networks().isEmpty else { return (own, identity) }
    throw isElsewhere ? .stateMismatch(otherNamespace: own) : .stateMismatch(copy: own)
  }

  /// Tells the host for which state file it acts: the file may have been replaced.
  private func nameState() throws(TapestryError) -> (StateMark, StateIdentity) {
    let identity = try store.identity()
    if let state = host.state, state.id == identity.id { return (state, identity) }
    let own = StateMark(id: identity.id, statePath: try StateFile.trusted(options.statePath))
    host.state = own
    return (own, identity)
  }

  private func settle(from identity: StateIdentity) throws(TapestryError) {
    if identity.namespace != host.namespace || identity.isCopy { try store.setNamespace(host.namespace) }
  }
}
