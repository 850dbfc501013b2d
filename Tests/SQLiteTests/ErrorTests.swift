import FoundationEssentials
import Glibc
import Linux
import SQLite
import Testing

@Suite("What SQLite refuses")
struct ErrorTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test("an error names the statement, the file and the fault")
  func statement() throws {
    let database = try scratch.open()
    let wrong = #expect(throws: SQLiteError.self) { try database.value(.wrong, as: Int.self) }
    #expect(wrong?.description == "wrong: no such table: absent")
    #expect(wrong?.path == scratch.file && wrong?.reason == .damaged && wrong?.errno == nil)
    try database.run(.insert, 1, 1)
    let twice = #expect(throws: SQLiteError.self) { try database.run(.insert, 1, 2) }
    #expect(twice?.description == "insert: UNIQUE constraint failed: item.key" && twice?.reason == .constraint)
    let sql = #expect(throws: SQLiteError.self) { try database.run(sql: "NONSENSE") }
    #expect(sql?.operation == "NONSENSE")
    // A refused statement can be run again.
    #expect(try database.run(.insert, 2, 2) == 1)
  }

  @Test("a database throws its caller's own error")
  func ownError() throws {
    struct Own: SQLiteFailure {
      let reason: SQLiteError.Reason
      init(_ error: SQLiteError) { reason = error.reason }
    }
    let database = try Database<Scratch.Query, Own>(openingExisting: scratch.file)
    let error = #expect(throws: Own.self) { try database.value(.wrong, as: Int.self) }
    #expect(error?.reason == .damaged)
  }

  @Test("a missing file is not made: ENOENT")
  func missing() throws {
    let missing = scratch.directory + "/missing.db"
    let error = #expect(throws: SQLiteError.self) { try Scratch.Connection(openingExisting: missing) }
    #expect(error?.errno == .noSuchFile && error?.reason == .unavailable)
    #expect(!FileManager.default.fileExists(atPath: missing))
  }

  @Test(
    "each code has a reason",
    arguments: [
      // SQLITE_BUSY twice, _PROTOCOL, _IOERR_FSYNC, _NOMEM, _CANTOPEN twice, _READONLY thrice, _FULL, _CORRUPT twice,
      // _NOTADB, _ERROR, _CONSTRAINT_UNIQUE
      (5, 0, .locked), (5, ENOLCK, .lockRefused), (15, EINTR, .lockRefused), (10 | 4 << 8, EIO, .unavailable),
      (7, 0, .unavailable), (14, EACCES, .notPermitted), (14, EMFILE, .unavailable), (8, 0, .readOnly),
      (8, EROFS, .unavailable), (8 | 1 << 8, 0, .notPermitted), (13, ENOSPC, .unavailable), (11 | 1 << 8, 0, .damaged),
      (11, EIO, .unavailable), (26, 0, .damaged), (1, 0, .damaged), (19 | 8 << 8, 0, .constraint),
    ] as [(Int32, Int32, SQLiteError.Reason)])
  func reasons(code: Int32, errno: Int32, reason: SQLiteError.Reason) {
    let error = SQLiteError(
      "commit", path: "/a", code: code, errno: errno == 0 ? nil : Errno(rawValue: errno), message: "it failed")
    #expect(error.reason == reason)
  }
}
