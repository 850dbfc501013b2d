import CSQLite

/// A value that can be bound to a statement's parameter.
package protocol SQLiteBindable {
  /// - Returns: SQLite's result code.
  func bind(to statement: Statement, at index: Int32) -> Int32
}

/// A value that can be read from a column.
package protocol SQLiteReadable {
  /// Returns nil if the column, which is not NULL, has no such value.
  init?(readingFrom statement: Statement, column: Int32)
}

extension Optional: SQLiteBindable where Wrapped: SQLiteBindable {
  package func bind(to statement: Statement, at index: Int32) -> Int32 {
    guard let self else { return unsafe sqlite3_bind_null(statement.handle, index) }
    return self.bind(to: statement, at: index)
  }
}

extension Int64: SQLiteBindable, SQLiteReadable {
  package func bind(to statement: Statement, at index: Int32) -> Int32 {
    unsafe sqlite3_bind_int64(statement.handle, index, self)
  }

  package init?(readingFrom statement: Statement, column: Int32) {
    guard unsafe sqlite3_column_type(statement.handle, column) == SQLITE_INTEGER else { return nil }
    self = unsafe sqlite3_column_int64(statement.handle, column)
  }
}

extension String: SQLiteBindable, SQLiteReadable {
  package func bind(to statement: Statement, at index: Int32) -> Int32 {
    var text = self
    return text.withUTF8 { bytes in
      guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
      return unsafe csqlite_bind_text(statement.handle, index, bytes.baseAddress, count)
    }
  }

  package init?(readingFrom statement: Statement, column: Int32) {
    guard unsafe sqlite3_column_type(statement.handle, column) == SQLITE_TEXT,
      let text = unsafe sqlite3_column_text(statement.handle, column)
    else { return nil }
    let count = Int(unsafe sqlite3_column_bytes(statement.handle, column))
    self = unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
  }
}

/// All 64 bits: the upper half of the numbers is negative for SQLite.
extension UInt64: SQLiteBindable, SQLiteReadable {
  package init?(readingFrom statement: Statement, column: Int32) {
    guard let number = Int64(readingFrom: statement, column: column) else { return nil }
    self.init(bitPattern: number)
  }
}

/// Integers that fit into SQLite's signed 64 bits.
extension SQLiteReadable where Self: FixedWidthInteger {
  package init?(readingFrom statement: Statement, column: Int32) {
    guard let number = Int64(readingFrom: statement, column: column) else { return nil }
    self.init(exactly: number)
  }
}
extension SQLiteBindable where Self: FixedWidthInteger {
  package func bind(to statement: Statement, at index: Int32) -> Int32 {
    Int64(truncatingIfNeeded: self).bind(to: statement, at: index)
  }
}
extension Int: SQLiteBindable, SQLiteReadable {}
extension UInt16: SQLiteBindable {}
extension Int32: SQLiteBindable, SQLiteReadable {}
extension UInt32: SQLiteBindable, SQLiteReadable {}

extension Bool: SQLiteBindable, SQLiteReadable {
  package func bind(to statement: Statement, at index: Int32) -> Int32 {
    Int64(self ? 1 : 0).bind(to: statement, at: index)
  }

  package init?(readingFrom statement: Statement, column: Int32) {
    switch Int64(readingFrom: statement, column: column) {
    case 0: self = false
    case 1: self = true
    default: return nil
    }
  }
}

/// Values that are stored as their description.
package protocol SQLiteText: SQLiteBindable, SQLiteReadable, CustomStringConvertible {
  /// Returns the value with this description, or nil if there is none.
  static func read(_ text: String) -> Self?
}
extension SQLiteText {
  package func bind(to statement: Statement, at index: Int32) -> Int32 { description.bind(to: statement, at: index) }

  package init?(readingFrom statement: Statement, column: Int32) {
    guard let text = String(readingFrom: statement, column: column), let value = Self.read(text) else { return nil }
    self = value
  }
}

/// Values that are stored as their raw value.
extension SQLiteBindable where Self: RawRepresentable, RawValue: SQLiteBindable {
  package func bind(to statement: Statement, at index: Int32) -> Int32 { rawValue.bind(to: statement, at: index) }
}
extension SQLiteReadable where Self: RawRepresentable, RawValue: SQLiteReadable {
  package init?(readingFrom statement: Statement, column: Int32) {
    guard let value = RawValue(readingFrom: statement, column: column) else { return nil }
    self.init(rawValue: value)
  }
}
