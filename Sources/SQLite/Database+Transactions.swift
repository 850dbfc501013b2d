extension Database {
  /// Runs `body` in a transaction that holds the write lock from its start (BEGIN IMMEDIATE), so that another writer
  /// cannot make it fail halfway.
  ///
  /// Inside another transaction, `body` becomes part of that.
  ///
  /// - Parameter durable: whether the transaction is on disk when this returns, so that it survives a power failure.
  /// - Throws: what SQLite refuses; the errors of `body`. Nothing is changed then.
  @inlinable package func transaction<Result>(
    durable: Bool = false, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard !isInTransaction else { return try body() }
    if durable { try run(sql: "PRAGMA synchronous = FULL") }
    // If that fails, later commits wait for the disk too: slower, but no less safe.
    defer { if durable { try? run(sql: "PRAGMA synchronous = NORMAL") } }
    try run(.begin)
    do throws(Failure) {
      let result = try body()
      try run(.commit)
      return result
    } catch {
      // Some failures (disk full, I/O) have already rolled back. An error of the rollback adds nothing.
      if isInTransaction { try? run(.rollback) }
      throw error
    }
  }

  /// Runs `body`, which only reads, on a consistent snapshot of the file: BEGIN.
  /// - Throws: what SQLite refuses; the errors of `body`.
  package func snapshot<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    try run(sql: "BEGIN")
    return try undoing(body)
  }

  /// Runs `body` in a transaction and rolls it back.
  /// - Throws: what SQLite refuses; the errors of `body`.
  package func preview<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    try run(.begin)
    return try undoing(body)
  }

  private func undoing<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let result = Swift.Result(catching: body)
    if isInTransaction { try run(.rollback) }
    return try result.get()
  }
}
