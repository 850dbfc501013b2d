import CSQLite
import Linux

/// One connection to a SQLite database: sqlite3(3). For use from one place at a time.
///
/// Statements are prepared when they are first used, kept, and reset after each use. Failures are `TapestryError`s
/// that name the file.
@safe final class Database {
  let path: String
  let handle: OpaquePointer
  /// By the raw value of their query.
  private var statements = [Statement?](repeating: nil, count: Query.allCases.count)

  /// Opens an existing file for reading and writing, and reads nothing of it yet.
  init(openingExisting path: String) throws(TapestryError) {
    self.path = path
    callsAreOurs
    WritableOpen.forget()
    var opened: OpaquePointer?
    // NOMUTEX: one connection is used from one place at a time. No SQLITE_OPEN_CREATE: see StateFile.
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

  /// An empty one in memory.
  /// - Parameter path: The file that it stands for, for errors.
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

  /// Whether the file could be opened only for reading: `WritableOpen` tells why.
  var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") == 1 }

  /// Whether the kernel has refused a lock, or to let go of one. SQLite then believes for good that it is held, and this
  /// connection is of no more use.
  private(set) var hasLostLocks = false

  /// sqlite3_db_config(3) of an option that is on or off: SQLITE_DBCONFIG_….
  func configure(_ option: Int32, _ on: Bool) throws(TapestryError) {
    try check(unsafe csqlite_db_config(handle, option, on ? 1 : 0), doing: "configure")
  }

  /// Keeps the write-ahead log's file when the last connection closes: SQLITE_FCNTL_PERSIST_WAL.
  func persistLog() throws(TapestryError) {
    var on: Int32 = 1
    try check(unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on), doing: "configure")
  }

  /// Whether the file at the path is no longer the one that is open: SQLITE_FCNTL_HAS_MOVED.
  var hasMoved: Bool {
    var moved: Int32 = 0
    return unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0
  }

  /// The device and the inode of the file; nil where there is none.
  var fileIdentity: (device: Int64, inode: Int64)? {
    guard let identity = try? Directory.identity(path) else { return nil }
    return (Int64(bitPattern: identity.device), Int64(bitPattern: identity.inode))
  }

  // MARK: Statements

  /// Runs a statement to its end.
  /// - Returns: how many rows it changed, if it is one that changes rows: sqlite3_changes(3).
  @discardableResult
  func run<each Value: SQLiteBindable>(_ query: Query, _ values: repeat each Value) throws(TapestryError) -> Int {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    while try step(statement) {}
    return Int(unsafe sqlite3_changes(handle))
  }

  /// The first row of a statement's result, read by `read`.
  func first<Result, each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value, read: (Row) throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result? {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    guard try step(statement) else { return nil }
    return try read(Row(statement: statement, path: path))
  }

  /// Every row of a statement's result, read by `read`.
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

  /// What a query of one yes or no answers.
  func holds<each Value: SQLiteBindable>(_ query: Query, _ values: repeat each Value) throws(TapestryError) -> Bool {
    try first(query, repeat each values) { row throws(TapestryError) -> Bool in try row.value(0) } ?? false
  }

  /// Runs statements that are used once in a file's life: pragmas and schema changes.
  func run(sql: String) throws(TapestryError) {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil), doing: sql)
  }

  /// What a pragma, or a query that is not kept, answers in its first column.
  func value<Value: SQLiteReadable>(sql: String, as type: Value.Type) throws(TapestryError) -> Value? {
    let statement = try prepare(sql: sql, for: nil)
    defer { statement.finalize() }
    guard try step(statement) else { return nil }
    return try Row(statement: statement, path: path).value(0)
  }

  // MARK: Transactions

  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// Runs `body` in a transaction that holds the write lock from its start (BEGIN IMMEDIATE), so that it never fails
  /// halfway because another writer came first.
  ///
  /// Inside another one, `body` is part of that.
  ///
  /// - Parameter durable: whether it is on the disk when this returns, so that it outlives a power failure.
  func transaction<Result>(
    durable: Bool = false, _ body: () throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result {
    guard !isInTransaction else { return try body() }
    if durable { try run(sql: "PRAGMA synchronous = FULL") }
    // Where that fails, later commits wait for the disk too: slower, and no less safe.
    defer { if durable { try? run(sql: "PRAGMA synchronous = NORMAL") } }
    try run(.begin)
    do throws(TapestryError) {
      let result = try body()
      try run(.commit)
      return result
    } catch {
      // Some failures (disk full, I/O) have rolled back already; rolling back can say nothing new.
      if isInTransaction { _ = try? run(.rollback) }
      throw error
    }
  }

  /// Runs `body`, which only reads, and sees the file as it is at one moment: BEGIN.
  func snapshot<Result>(_ body: () throws(TapestryError) -> Result) throws(TapestryError) -> Result {
    try run(sql: "BEGIN")
    return try undoing(body)
  }

  /// Runs `body` in a transaction, and undoes it.
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
