import SQLite
import Testing

@Suite("Values in columns")
struct ValueTests {
  private let database: Scratch.Connection

  init() throws {
    database = try Scratch.Connection(inMemoryFor: "/a/items.db")
    try database.run(sql: "CREATE TABLE item (key INTEGER PRIMARY KEY, value ANY) STRICT")
  }

  private enum Color: String, SQLiteBindable, SQLiteReadable { case red, green }

  /// What is stored is what is read.
  private func returns<Value: SQLiteBindable & SQLiteReadable & Equatable>(
    _ value: Value, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try database.run(sql: "DELETE FROM item")
    try database.run(.insert, 1, value)
    #expect(try database.value(.ofKey, 1, as: Value.self) == value, sourceLocation: sourceLocation)
  }

  @Test("a value that is stored is the value that is read")
  func roundTrip() throws {
    for number in [0, 1, -1, .max, .min] as [Int64] { try returns(number) }
    for number in [0, UInt32.max] { try returns(number) }
    for text in ["", "a", "'; --", "ä", "a\0b", String(repeating: "x", count: 100_000)] { try returns(text) }
    for flag in [true, false] { try returns(flag) }
    for color in [Color.red, .green] { try returns(color) }
  }

  @Test("nil is NULL, which is no value but nil")
  func null() throws {
    try database.run(.insert, 1, Int?.none)
    #expect(
      try database.first(.ofKey, 1) { row throws(SQLiteError) in try row.optional(0, as: Int.self) } == .some(nil))
    #expect(throws: SQLiteError.self) { try database.value(.ofKey, 1, as: Int.self) }
    #expect(try database.value(.ofKey, 2, as: Int.self) == nil)
  }

  @Test("a column with another type, or a number that does not fit, is damage, and the error names query and column")
  func damage() throws {
    try database.run(.insert, 1, "text")
    try database.run(.insert, 2, Int.max)
    try database.run(.insert, 3, "blue")
    func expectDamage<Value: SQLiteReadable>(_ key: Int, as type: Value.Type) throws {
      let error = #expect(throws: SQLiteError.self) { try database.value(.ofKey, key, as: type) }
      #expect(error?.reason == .damaged && error?.operation == "ofKey" && error?.path == "/a/items.db")
      #expect(error?.message == "column 'value' has an invalid value")
    }
    try expectDamage(1, as: Int.self)
    try expectDamage(1, as: Bool.self)
    try expectDamage(2, as: UInt32.self)
    try expectDamage(2, as: Bool.self)
    try expectDamage(3, as: Color.self)
  }

  @Test("every row is read, in order, and a statement can be run again")
  func rows() throws {
    for key in 1...3 { #expect(try database.run(.insert, key, key * 10) == 1) }
    for _ in 0..<2 {
      let all = try database.all(.all) { row throws(SQLiteError) -> [Int] in [try row.value(0), try row.value(1)] }
      #expect(all == [[1, 10], [2, 20], [3, 30]])
    }
    #expect(try database.value(.count, as: Int.self) == 3)
  }
}
