extension Database {
  /// Runs a statement to completion.
  /// - Returns: the number of changed rows, for a statement that changes rows.
  /// - Throws: what SQLite refuses.
  @inlinable @discardableResult
  package func run<each Value: SQLiteBindable>(_ query: Query, _ values: repeat each Value) throws(Failure) -> Int {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    while try step(statement) {}
    return changedRows
  }

  /// Returns the first row of a statement's result, converted by `read`, or nil if there is none.
  /// - Throws: what SQLite refuses; the errors of `read`.
  @inlinable package func first<Result, each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value, read: (Row) throws(SQLiteError) -> Result
  ) throws(Failure) -> Result? {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    guard try step(statement) else { return nil }
    return try convert(statement, read)
  }

  /// Returns all rows of a statement's result, converted by `read`.
  /// - Throws: what SQLite refuses; the errors of `read`.
  @inlinable package func all<Result, each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value, read: (Row) throws(SQLiteError) -> Result
  ) throws(Failure) -> [Result] {
    let statement = try prepare(query)
    defer { statement.reset() }
    try bind(repeat each values, to: statement)
    var results: [Result] = []
    while try step(statement) { results.append(try convert(statement, read)) }
    return results
  }

  /// Returns the first column of the first row, or nil if there is no row.
  /// - Throws: what SQLite refuses; reason `damaged` if the column has no such value.
  @inlinable package func value<Result: SQLiteReadable, each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value, as type: Result.Type = Result.self
  ) throws(Failure) -> Result? {
    try first(query, repeat each values) { row throws(SQLiteError) -> Result in try row.value(0) }
  }

  /// Returns the result of a query with one boolean.
  /// - Throws: what SQLite refuses.
  @inlinable package func holds<each Value: SQLiteBindable>(
    _ query: Query, _ values: repeat each Value
  ) throws(Failure) -> Bool {
    try value(query, repeat each values, as: Bool.self) ?? false
  }

  @inlinable func convert<Result>(
    _ statement: Statement, _ read: (Row) throws(SQLiteError) -> Result
  ) throws(Failure) -> Result {
    do throws(SQLiteError) { return try read(Row(statement: statement, path: path)) } catch { throw Failure(error) }
  }

  @inlinable func bind<each Value: SQLiteBindable>(
    _ values: repeat each Value, to statement: Statement
  ) throws(Failure) {
    var index: Int32 = 0
    for value in repeat each values {
      index += 1
      try check(value.bind(to: statement, at: index), doing: "bind")
    }
  }
}
