import CSQLite

/// A prepared statement. Whoever prepares it finalizes it.
@safe struct Statement {
  /// nil for a statement of no SQL, which every call of SQLite takes as one.
  let handle: OpaquePointer?
  /// What it is for, for errors; nil where it was made for one use.
  let query: Query?

  init(handle: OpaquePointer?, query: Query?) {
    unsafe self.handle = unsafe handle
    self.query = query
  }

  func step() -> Int32 { unsafe sqlite3_step(handle) }

  /// Ends a run: the statement is ready for the next, and no longer holds its read lock.
  func reset() {
    // Its answer repeats the failure that `step` reported.
    unsafe sqlite3_reset(handle)
  }

  func finalize() { unsafe sqlite3_finalize(handle) }

  /// What it does, for errors.
  var label: String { query.map { "\($0)" } ?? "set up" }
}

/// One row of a result; only valid until the statement's next step.
struct Row {
  let statement: Statement
  /// The database's file, for errors.
  let path: String

  /// The value of a column, which must be there and be legal.
  /// - Throws: `STATE_CORRUPT` otherwise.
  func value<Value: SQLiteReadable>(_ column: Int32) throws(TapestryError) -> Value {
    guard let value = try optional(column, as: Value.self) else { throw damaged(column) }
    return value
  }

  /// The value of a column; nil where it is NULL.
  /// - Throws: `STATE_CORRUPT` when it is not a legal one.
  func optional<Value: SQLiteReadable>(
    _ column: Int32, as type: Value.Type = Value.self
  ) throws(TapestryError) -> Value? {
    if unsafe sqlite3_column_type(statement.handle, column) == SQLITE_NULL { return nil }
    guard let value = Value(readingFrom: statement, column: column) else { throw damaged(column) }
    return value
  }

  func damaged(_ column: Int32) -> TapestryError {
    let name = unsafe sqlite3_column_name(statement.handle, column)
    let label = unsafe name.map { unsafe String(cString: $0) } ?? "\(column)"
    return SQLiteFailure.corrupt(path: path, doing: statement.label, "column '\(label)' holds an illegal value")
  }
}
