import CSQLite
import Linux

/// A connection to an SQLite database: sqlite3(3). Not thread-safe.
///
/// Statements are prepared on first use, kept, and reset after each use. Failures are `TapestryError`s that name the
/// file.
@safe final class Database {
  let path: String
  let handle: OpaquePointer
  /// Indexed by the raw value of the query.
  private var statements = [Statement?](repeating: nil, count: Query.allCases.count)

  /// Opens an existing file for reading and writing, without reading it yet.
  init(openingExisting path: String) throws(TapestryError) {
    self.path = path
    callsAreOurs
    WritableOpen.forget()
    var opened: OpaquePointer?
    // NOMUTEX: a connection is not used concurrently. No SQLITE_OPEN_CREATE: see StateFile.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW
    let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard let handle = unsafe opened else {
      throw SQLiteFailure(code: SQLITE_NOMEM, errno: 0, message: "out of memory").error(path: path, doing: "open")
    }
    guard code == SQLITE_OK else {
      let failure = unsafe SQLiteFailure(code: code, of: handle)
      unsafe sqlite3_close_v2(handle)
      throw failure.error(path: path, doing: "open")
    }
    unsafe self.handle = unsafe handle
    unsafe sqlite3_busy_handler(handle, waitForOthers, nil)
    unsafe sqlite3_wal_hook(handle, checkpointWhenLong, nil)
  }

  /// Opens an empty in-memory database.
  /// - Parameter path: the file that it stands for, for error messages.
  init(inMemoryFor path: String) throws(TapestryError) {
    self.path = path
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = unsafe sqlite3_open_v2(":memory:", &opened, flags, nil)
    guard let handle = unsafe opened else {
      throw SQLiteFailure(code: SQLITE_NOMEM, errno: 0, message: "out of memory").error(path: path, doing: "open")
    }
    unsafe self.handle = unsafe handle
    guard code == SQLITE_OK else { throw unsafe SQLiteFailure(code: code, of: handle).error(path: path, doing: "open") }
  }

  deinit {
    for statement in statements { statement?.finalize() }
    unsafe sqlite3_close_v2(handle)
  }

  /// Whether the file could only be opened read-only. `WritableOpen` has the reason.
  var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }

  /// Whether the kernel refused to take or release a lock. SQLite then considers the lock held permanently, and this
  /// connection is unusable.
  private(set) var hasLostLocks = false

  /// Sets a boolean option SQLITE_DBCONFIG_…: sqlite3_db_config(3).
  func configure(_ option: Int32, _ on: Bool) throws(TapestryError) {
    try check(unsafe csqlite_db_config(handle, option, on ? 1 : 0), doing: "configure")
  }

  /// Keeps the write-ahead log's file when the last connection closes: SQLITE_FCNTL_PERSIST_WAL.
  func persistLog() throws(TapestryError) {
    var on: Int32 = 1
    try check(unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on), doing: "configure")
  }

  /// Whether the path no longer refers to the open file: SQLITE_FCNTL_HAS_MOVED.
  var hasMoved: Bool {
    var moved: Int32 = 0
    return unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0
  }

  /// nil if there is no file.
  var fileIdentity: FileIdentity? { try? FileIdentity(path: path) }

  // MARK: Statements

  /// Runs a statement to completion.
  /// - Returns: the number of changed rows, for a statement that changes rows: sqlite3_changes(3).
  @discardableResult
  func run<each Value: SQLiteBindable>(_ query: Query, _ values: repeat each Value) throws(TapestryError) -> Int {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    while try step(statement) {}
    return Int(unsafe sqlite3_changes(handle))
  }

  /// Returns the first row of a statement's result, converted by `read`, or nil if there is none.
  func first<Result, each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value, read: (Row) throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result? {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    guard try step(statement) else { return nil }
    return try read(Row(statement: statement, path: path))
  }

  /// Returns all rows of a statement's result, converted by `read`.
  func all<Result, each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value, read: (Row) throws(TapestryError) -> Result
  ) throws(TapestryError) -> [Result] {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    var results: [Result] = []
    while try step(statement) { results.append(try read(Row(statement: statement, path: path))) }
    return results
  }

  /// Returns the result of a query with one boolean.
  func holds<each Value: SQLiteBindable>(_ query: Query, _ values: repeat each Value) throws(TapestryError) -> Bool {
    try first(query, repeat each values) { row throws(TapestryError) -> Bool in try row.value(0) } ?? false
  }

  /// Runs statements that are not kept: pragmas and schema changes.
  func run(sql: String) throws(TapestryError) {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil), doing: sql)
  }

  /// Returns the first column of the result of a pragma, or of a query that is not kept.
  func value<Value: SQLiteReadable>(sql: String, as type: Value.Type) throws(TapestryError) -> Value? {
    let statement = try prepare(sql: sql, for: nil)
    defer { statement.finalize() }
    guard try step(statement) else { return nil }
    return try Row(statement: statement, path: path).value(0)
  }

  // MARK: Transactions

  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Runs `body` in a transaction that holds the write lock from its start (BEGIN IMMEDIATE), so that another writer
  /// cannot make it fail halfway.
  ///
  /// Inside another transaction, `body` becomes part of that.
  ///
  /// - Parameter durable: whether the transaction is on disk when this returns, so that it survives a power failure.
  func transaction<Result>(
    durable: Bool = false, _ body: () throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result {
    guard !isInTransaction else { return try body() }
    if durable { try run(sql: "PRAGMA synchronous = FULL") }
    // If that fails, later commits wait for the disk too: slower, but no less safe.
    defer { if durable { try? run(sql: "PRAGMA synchronous = NORMAL") } }
    try run(.begin)
    do throws(TapestryError) {
      let result = try body()
      try run(.commit)
      return result
    } catch {
      // Some failures (disk full, I/O) have already rolled back. An error of the rollback adds nothing.
      if isInTransaction { _ = try? run(.rollback) }
      throw error
    }
  }

  /// Runs `body`, which only reads, on a consistent snapshot of the file: BEGIN.
  func snapshot<Result>(_ body: () throws(TapestryError) -> Result) throws(TapestryError) -> Result {
    try run(sql: "BEGIN")
    return try undoing(body)
  }

  /// Runs `body` in a transaction and rolls it back.
  func preview<Result>(_ body: () throws(TapestryError) -> Result) throws(TapestryError) -> Result {
    try run(.begin)
    return try undoing(body)
  }

  private func undoing<Result>(_ body: () throws(TapestryError) -> Result) throws(TapestryError) -> Result {
    let result: Swift.Result<Result, TapestryError>
    do throws(TapestryError) { result = .success(try body()) } catch { result = .failure(error) }
    if isInTransaction { try run(.rollback) }
    return try result.get()
  }

  // MARK: Steps

  private func prepare(_ query: Query) throws(TapestryError) -> Statement {
    if let statement = statements[query.rawValue] { return statement }
    let statement = try prepare(sql: query.sql, for: query)
    statements[query.rawValue] = statement
    return statement
  }

  private func prepare(sql: String, for query: Query?) throws(TapestryError) -> Statement {
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    try check(code, doing: query.map { "\($0)" } ?? sql)
    return unsafe Statement(handle: statement, query: query)
  }

  private func bind<each Value: SQLiteBindable>(
    _ values: repeat each Value, to statement: Statement
  ) throws(TapestryError) {
    var index: Int32 = 0
    for value in repeat each values {
      index += 1
      try check(value.bind(to: statement, at: index), doing: "bind")
    }
  }

  private func step(_ statement: Statement) throws(TapestryError) -> Bool {
    let code = statement.step()
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw failure(code, doing: statement.label)
    }
  }

  private func check(_ code: Int32, doing operation: @autoclosure () -> String) throws(TapestryError) {
    guard code == SQLITE_OK else { throw failure(code, doing: operation()) }
  }

  private func failure(_ code: Int32, doing operation: String) -> TapestryError {
    let failure = unsafe SQLiteFailure(code: code, of: handle)
    hasLostLocks = hasLostLocks || failure.isOfLocks
    return failure.error(path: path, doing: operation)
  }
}
