extension Engine {
  /// Runs `body` under the exclusive lock. Call it directly only to look; to change something call `alone`.
  func lookingAlone<Value>(_ body: (Reconciler) throws(TapestryError) -> Value) throws(TapestryError) -> Value {
    if lock.isMissing {
      let value = Result { () throws(TapestryError) in try body(Reconciler(self)) }
      guard !lock.isMissing else { return try value.get() }
      // Another command has begun meanwhile: `body` may have seen its work half done.
      store.lookAgain()
    }
    return try lock.alone { () throws(TapestryError) in try body(Reconciler(self)) }
  }

  /// Runs `body` under the exclusive lock, and then starts and stops the name servers that it left to be served. That waits
  /// for processes, half a minute if one hangs, so it runs after the lock is released. It reads again from the state file
  /// what is desired by then.
  ///
  /// A kill in between leaves drift, which `check` reports and `repair` repairs.
  /// - Parameter undo: Undoes what `body` has done, if that is useless without its name server. It gets the name server's
  ///   error and returns the error to throw.
  func alone<Value>(
    _ body: (Reconciler) throws(TapestryError) -> Value,
    orUndo undo: (Value, TapestryError) -> TapestryError = { $1.unfinished }
  ) throws(TapestryError) -> Value {
    let value: Value
    do throws(TapestryError) { value = try lookingAlone(body) } catch {
      // The name servers of what was undone.
      do throws(TapestryError) { try serveNames() } catch let second { throw error.besides(second) }
      throw error
    }
    do throws(TapestryError) { try serveNames() } catch { throw undo(value, error) }
    return value
  }

  /// Undoes what `alone` has done, after a name server's error.
  /// - Returns: the result of `undo`; if undoing failed, that error with that failure added.
  func undoingAlone(
    _ error: TapestryError, _ undo: (Reconciler) throws(TapestryError) -> TapestryError
  ) -> TapestryError {
    do throws(TapestryError) { return try alone(undo) } catch let second { return error.notUndone(second) }
  }
}
