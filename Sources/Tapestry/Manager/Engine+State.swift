import Linux

/// Whether the kernel's side is that of the state file. Whatever changes something asks first: it would take another file's
/// guests for garbage.
extension Engine {
  /// Takes few requests: that the tables were made from this file; where there are none, that the TAPs were. Call it under a
  /// lock.
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

  /// The same with all that was observed, before the first change.
  func requireOwn(_ observed: Observed) throws(TapestryError) {
    try settle(from: try refuseMismatch(observed))
  }

  /// The same, for what only tells what it would do.
  @discardableResult
  func refuseMismatch(_ observed: Observed) throws(TapestryError) -> StateIdentity {
    let (own, identity) = try requireOwnNamespace()
    if let error = observed.mismatch(with: own, try store.leases(network: nil, vm: nil)) { throw error }
    return identity
  }

  /// What is there becomes the file's, whosever it was, and what the file says is made here.
  func takeOver() throws(TapestryError) { try settle(from: try nameState().1) }

  /// What keeps anything from being changed; nil where nothing does. Nothing is changed by asking.
  func mismatch(_ observed: Observed) throws(TapestryError) -> TapestryError? {
    do throws(TapestryError) { try refuseMismatch(observed) } catch {
      guard error.code == .stateMismatch else { throw error }
      return error
    }
    return nil
  }

  /// The same of few requests, for who only lists what the file says; nil too where the kernel does not answer.
  package func mismatch() -> TapestryError? {
    do throws(TapestryError) {
      let (own, _) = try requireOwnNamespace()
      return own.mismatch(with: try host.stateMark())
    } catch {
      return error.code == .stateMismatch ? error : nil
    }
  }

  /// For the fast path of attach, which asks the kernel nothing: the change to the ruleset does (`StateMark.set`).
  /// - Returns: false where nothing of the file's is in the kernel yet.
  func isSettled() throws(TapestryError) -> Bool {
    try requireOwnNamespace().1.namespace == host.namespace
  }

  /// The host knows in whose name it is asked: tables that are others' are not as they should be.
  func observe() throws(TapestryError) -> Observation {
    _ = try nameState()
    return try host.observe()
  }

  /// A file without networks is of any namespace.
  private func requireOwnNamespace() throws(TapestryError) -> (StateMark, StateIdentity) {
    let (own, identity) = try nameState()
    let isElsewhere = identity.namespace.map { $0 != host.namespace } ?? false
    guard isElsewhere || identity.isCopy, try !store.networks().isEmpty else { return (own, identity) }
    throw isElsewhere ? .stateMismatch(otherNamespace: own) : .stateMismatch(copy: own)
  }

  /// Tells the host in whose name it acts: the file may be another than it was.
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
