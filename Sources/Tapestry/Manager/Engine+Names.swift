import NetTypes

extension Engine {
  /// Runs `body` while nobody else does anything, and then has the name servers started and ended that it found wanting.
  /// That waits for processes, for half a minute where one hangs, and so is done when others may go on: the state file by
  /// then says what should be, and is read anew.
  ///
  /// Whoever is killed in between leaves drift, which `check` sees and `repair` mends.
  /// - Parameter undo: undoes what `body` has done, where it is good for nothing without its name server. It gets that
  ///   one's error and returns what is to be thrown.
  func alone<Value>(
    _ body: () throws(TapestryError) -> Value,
    orUndo undo: (Value, TapestryError) -> TapestryError = { $1.unfinished }
  ) throws(TapestryError) -> Value {
    let value: Value
    do throws(TapestryError) { value = try lock.alone(body) } catch {
      // Those of what was undone.
      do throws(TapestryError) { try serveNames() } catch let second { throw error.besides(second) }
      throw error
    }
    do throws(TapestryError) { try serveNames() } catch { throw undo(value, error) }
    return value
  }

  /// Undoes what `alone` has done, after a name server's error.
  /// - Parameter undo: returns that error; where undoing failed, with that one's.
  func undoingAlone(_ error: TapestryError, _ undo: () -> TapestryError) -> TapestryError {
    do throws(TapestryError) { return try alone(undo) } catch let second { return error.notUndone(second) }
  }

  /// Waits for whoever is about to start or end these networks' name servers. Call it without the state's lock.
  func waitForServing(_ networks: Set<Identifier>) throws(TapestryError) {
    for network in networks { try lock.serving(network) {} }
  }

  /// Call it without the state's lock.
  private func serveNames() throws(TapestryError) {
    var errors: [TapestryError] = []
    for network in unserved.sorted() {
      do throws(TapestryError) { try serveNames(of: network) } catch { errors.append(error) }
    }
    unserved = []
    if let error = TapestryError.joining(errors, "Not all name servers could be started or ended") { throw error }
  }

  private func serveNames(of name: Identifier) throws(TapestryError) {
    try lock.serving(name) { () throws(TapestryError) in
      var service = try nameService(of: name)
      while true {
        var failure: TapestryError?
        do throws(TapestryError) { try host.serve(name, service) } catch { failure = error }
        // Somebody else may want it otherwise by now, who then waits for this to be over.
        let wanted = try nameService(of: name)
        if wanted == service {
          if let failure { throw failure }
          break
        }
        service = wanted
      }
      guard service == nil else { return }
      try lock.alone { () throws(TapestryError) in
        if try nameService(of: name) == nil { try host.forgetNameServer(name) }
      }
    }
  }

  /// nil for a network that is gone, or has none.
  private func nameService(of name: Identifier) throws(TapestryError) -> NameService? {
    let desired = try desired()
    return desired.networks.first { $0.name == name }.flatMap(desired.nameService)
  }
}
