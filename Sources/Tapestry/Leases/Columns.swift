import Linux
import NetTypes
import SQLite

// How the values of the model are stored in columns.

extension IPv4Address: SQLiteBindable, SQLiteReadable {
  func bind(to statement: Statement, at index: Int32) -> Int32 { rawValue.bind(to: statement, at: index) }

  init?(readingFrom statement: Statement, column: Int32) {
    guard let number = UInt32(readingFrom: statement, column: column) else { return nil }
    self.init(rawValue: number)
  }
}

extension MACAddress: SQLiteBindable, SQLiteReadable {
  func bind(to statement: Statement, at index: Int32) -> Int32 { rawValue.bind(to: statement, at: index) }

  init?(readingFrom statement: Statement, column: Int32) {
    guard let number = UInt64(readingFrom: statement, column: column) else { return nil }
    self.init(rawValue: number)
  }
}

extension Prefix: SQLiteText {
  static func read(_ text: String) -> Self? { try? Self(parsing: text) }
}
extension Identifier: SQLiteText {
  static func read(_ text: String) -> Identifier? { Identifier(text: text) }
}
extension InterfaceName: SQLiteText {
  static func read(_ text: String) -> InterfaceName? { try? InterfaceName(parsing: text) }
}
extension FileIdentity: SQLiteText {
  static func read(_ text: String) -> FileIdentity? { FileIdentity(text) }
}
extension Lease.State: SQLiteBindable, SQLiteReadable {}
extension Lease.Change: SQLiteBindable, SQLiteReadable {}
extension Network.Mode: SQLiteBindable, SQLiteReadable {}
extension Transport: SQLiteBindable {}
