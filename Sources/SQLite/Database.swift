import CSQLite
import Linux

/// A connection to an SQLite database: sqlite3(3). Not thread-safe.
///
/// Statements are prepared on first use, kept, and reset after each use. What SQLite refuses is thrown as a `Failure`.
@safe package final class Database<Query: SQLiteQuery, Failure: SQLiteFailure> {
  /// The file.
  package let path: String
  let handle: OpaquePointer
  /// Indexed by the raw value of the query.
  private var statements = [Statement?](repeating: nil, count: Query.allCases.count)
  private var transactionStatements = [Statement?](repeating: nil, count: TransactionQuery.allCases.count)

  /// Opens an existing file for reading and writing, for a process that may live for milliseconds: commits do not wait
  /// for the disk, and closing neither checkpoints nor deletes the write-ahead log.
  /// - Throws: reason `readOnly` or `notPermitted`, or that of open(2), if the file can only be opened for reading.
  package init(openingExisting path: String) throws(Failure) {
    self.path = path
    callsAreOurs
    WritableOpen.forget()
    // NOMUTEX: a connection is not used concurrently. No SQLITE_OPEN_CREATE: the caller decides who may read the file.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW
    unsafe handle = unsafe try Self.open(path, flags, for: path)
    guard unsafe sqlite3_db_readonly(handle, "main") != 1 else {
      throw Failure(
        SQLiteError(
          "open", path: path, code: SQLITE_READONLY, errno: WritableOpen.lastError ?? .permissionDenied,
          message: "it cannot be opened for writing"))
    }
    unsafe sqlite3_busy_handler(handle, waitForOthers, nil)
    unsafe sqlite3_wal_hook(handle, checkpointWhenLong, nil)
    try check(unsafe csqlite_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1), doing: "configure")
    var on: Int32 = 1
    try check(unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on), doing: "configure")
    // A power failure may lose the last commits then, but never part of one.
    try run(sql: "PRAGMA synchronous = NORMAL")
  }

  /// Opens an empty in-memory database.
  /// - Parameter path: the file that it stands for, for errors.
  /// - Throws: reason `unavailable`.
  package init(inMemoryFor path: String) throws(Failure) {
    self.path = path
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    unsafe handle = unsafe try Self.open(":memory:", flags, for: path)
  }

  /// sqlite3_open_v2(3).
  /// - Parameter path: the file, for errors.
  @unsafe static func open(_ name: String, _ flags: Int32, for path: String) throws(Failure) -> OpaquePointer {
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(name, &opened, flags, nil)
    guard let handle = unsafe opened else {
      throw Failure(SQLiteError("open", path: path, code: SQLITE_NOMEM, message: "out of memory"))
    }
    guard code == SQLITE_OK else {
      let error = unsafe SQLiteError("open", path: path, code: code, of: handle)
      unsafe sqlite3_close_v2(handle)
      throw Failure(error)
    }
    return unsafe handle
  }

  deinit {
    for statement in statements + transactionStatements { statement?.finalize() }
    unsafe sqlite3_close_v2(handle)
  }

  /// Whether the kernel refused to take or release a lock. SQLite then considers the lock held permanently, and this
  /// connection is unusable.
  package private(set) var hasLostLocks = false

  /// Whether the path no longer refers to the open file: SQLITE_FCNTL_HAS_MOVED.
  package var hasMoved: Bool {
    var moved: Int32 = 0
    return unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0
  }

  /// Whether a transaction is open.
  package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  // MARK: Statements

  /// Runs statements that are not kept: pragmas and schema changes.
  /// - Throws: what SQLite refuses.
  package func run(sql: String) throws(Failure) {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil), doing: sql)
  }

  /// Returns the first column of the result of a pragma, or of a query that is not kept.
  /// - Throws: what SQLite refuses.
  package func value<Value: SQLiteReadable>(sql: String, as type: Value.Type) throws(Failure) -> Value? {
    let statement = try prepare(sql: sql, for: nil)
    defer { statement.finalize() }
    guard try step(statement) else { return nil }
    do throws(SQLiteError) { return try Row(statement: statement, path: path).value(0) } catch { throw Failure(error) }
  }

  /// Runs a statement of transactions.
  @usableFromInline func run(_ query: TransactionQuery) throws(Failure) {
    let statement = try prepare(query, in: &transactionStatements)
    defer { statement.reset() }
    while try step(statement) {}
  }

  @usableFromInline func prepare(_ query: Query) throws(Failure) -> Statement { try prepare(query, in: &statements) }

  private func prepare<Other: SQLiteQuery>(_ query: Other, in kept: inout [Statement?]) throws(Failure) -> Statement {
    if let statement = kept[query.rawValue] { return statement }
    let statement = try prepare(sql: query.sql, for: query)
    kept[query.rawValue] = statement
    return statement
  }

  private func prepare(sql: String, for query: (any SQLiteQuery)?) throws(Failure) -> Statement {
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    try check(code, doing: query.map { "\($0)" } ?? sql)
    return unsafe Statement(handle: statement, query: query)
  }

  /// - Returns: whether there is a row.
  @usableFromInline func step(_ statement: Statement) throws(Failure) -> Bool {
    let code = statement.step()
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code, doing: statement.label)
    }
  }

  /// sqlite3_changes(3).
  @usableFromInline var changedRows: Int { Int(unsafe sqlite3_changes(handle)) }

  @usableFromInline func check(_ code: Int32, doing operation: @autoclosure () -> String) throws(Failure) {
    guard code == SQLITE_OK else { throw failure(code, doing: operation()) }
  }

  private func failure(_ code: Int32, doing operation: String) -> Failure {
    let error = unsafe SQLiteError(operation, path: path, code: code, of: handle)
    hasLostLocks = hasLostLocks || error.reason == .lockRefused
    return Failure(error)
  }
}
