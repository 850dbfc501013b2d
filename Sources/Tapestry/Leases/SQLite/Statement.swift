import CSQLite

/// A prepared statement. The caller that prepares it has to finalize it.
@safe struct Statement {
  /// nil for a statement without SQL. All SQLite functions accept that.
  let handle: OpaquePointer?
  /// The query, for errors; nil for a statement that is used once.
  let query: Query?

  init(handle: OpaquePointer?, query: Query?) {
    unsafe self.handle = unsafe handle
    self.query = query
  }

  func step() -> Int32 { unsafe sqlite3_step(handle) }

  /// Ends a run: the statement can be run again, and no longer holds its read lock.
  func reset() {
    // The result repeats the failure that `step` reported.
    unsafe sqlite3_reset(handle)
  }

  func finalize() { unsafe sqlite3_finalize(handle) }

  /// The operation, for errors.
  var label: String { query.map { "\($0)" } ?? "set up" }
}

/// One row of a result. Valid until the statement's next step.
struct Row {
  let statement: Statement
  /// The database's file, for errors.
  let path: String

  /// Returns the value of a column.
  /// - Throws: `STATE_CORRUPT` if it is NULL or invalid.
  func value<Value: SQLiteReadable>(_ column: Int32) throws(TapestryError) -> Value {
    guard let value = try optional(column, as: Value.self) else { throw damaged(column) }
    return value
  }

  /// Returns the value of a column, or nil if it is NULL.
  /// - Throws: `STATE_CORRUPT` if it is invalid.
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
    return SQLiteFailure.corrupt(path: path, doing: statement.label, "column '\(label)' has an invalid value")
  }
}
