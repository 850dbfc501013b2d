extension Engine {
  /// Runs `body` while nobody else does anything. By itself it is for what only looks; what changes something calls `alone`.
  func lookingAlone<Value>(_ body: (Reconciler) throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    try lock.alone { () throws(TapestryError) in try body(Reconciler(self)) }
  }

  /// Runs `body` while nobody else does anything, and then has the name servers started and ended that it found wanting.
  /// That waits for processes, for half a minute where one hangs, and so is done when others may go on: the state file by
  /// then says what should be, and is read anew.
  ///
  /// Whoever is killed in between leaves drift, which `check` sees and `repair` mends.
  /// - Parameter undo: undoes what `body` has done, where it is good for nothing without its name server. It gets that
  ///   one's error and returns what is to be thrown.
  func alone<Value>(
    _ body: (Reconciler) throws(TapestryError) -> Value,
    orUndo undo: (Value, TapestryError) -> TapestryError = { $1.unfinished }
  ) throws(TapestryError) -> Value {
    let value: Value
    do throws(TapestryError) { value = try lookingAlone(body) } catch {
      // Those of what was undone.
      do throws(TapestryError) { try serveNames() } catch let second { throw error.besides(second) }
      throw error
    }
    do throws(TapestryError) { try serveNames() } catch { throw undo(value, error) }
    return value
  }

  /// Undoes what `alone` has done, after a name server's error.
  /// - Parameter undo: returns that error; where undoing failed, with that one's.
  func undoingAlone(_ error: TapestryError, _ undo: (Reconciler) -> TapestryError) -> TapestryError {
    do throws(TapestryError) { return try alone { work in undo(work) } } catch let second {
      return error.notUndone(second)
    }
  }
}
