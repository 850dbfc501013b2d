import CSQLite

/// The statements that a caller runs repeatedly: an enumeration, of which each case is prepared on first use and kept.
package protocol SQLiteQuery: RawRepresentable<Int>, CaseIterable {
  /// One statement, with parameters ?1, ?2 and so on.
  var sql: String { get }
}

/// The statements of transactions.
@usableFromInline enum TransactionQuery: Int, SQLiteQuery {
  case begin, commit, rollback

  @usableFromInline var sql: String {
    switch self {
    case .begin: "BEGIN IMMEDIATE"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    }
  }
}

/// A prepared statement. The database that prepares it has to finalize it.
@safe package struct Statement {
  /// nil for a statement without SQL. All SQLite functions accept that.
  let handle: OpaquePointer?
  /// The query, for errors; nil for a statement that is used once.
  let query: (any SQLiteQuery)?

  func step() -> Int32 { unsafe sqlite3_step(handle) }

  /// Ends a run: the statement can be run again, and no longer holds its read lock.
  @usableFromInline func reset() {
    // The result repeats the failure that `step` reported.
    unsafe sqlite3_reset(handle)
  }

  func finalize() { unsafe sqlite3_finalize(handle) }

  /// The operation, for errors.
  var label: String { query.map { "\($0)" } ?? "set up" }
}

/// One row of a result. Valid until the statement's next step.
package struct Row {
  @usableFromInline let statement: Statement
  /// The database's file, for errors.
  private let path: String

  @usableFromInline init(statement: Statement, path: String) {
    self.statement = statement
    self.path = path
  }

  /// Returns the value of a column.
  /// - Throws: `SQLiteError`, reason `damaged`, if it is NULL or invalid.
  @inlinable package func value<Value: SQLiteReadable>(_ column: Int32) throws(SQLiteError) -> Value {
    guard let value = try optional(column, as: Value.self) else { throw damaged(column) }
    return value
  }

  /// Returns the value of a column, or nil if it is NULL.
  /// - Throws: `SQLiteError`, reason `damaged`, if it is invalid.
  @inlinable package func optional<Value: SQLiteReadable>(
    _ column: Int32, as type: Value.Type = Value.self
  ) throws(SQLiteError) -> Value? {
    if isNull(column) { return nil }
    guard let value = Value(readingFrom: statement, column: column) else { throw damaged(column) }
    return value
  }

  @usableFromInline func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(statement.handle, column) == SQLITE_NULL
  }

  /// The error for a column whose value the caller cannot use.
  package func damaged(_ column: Int32) -> SQLiteError {
    let name = unsafe sqlite3_column_name(statement.handle, column)
    let label = unsafe name.map { unsafe String(cString: $0) } ?? "\(column)"
    return SQLiteError(
      statement.label, path: path, code: SQLITE_MISMATCH, message: "column '\(label)' has an invalid value")
  }
}
