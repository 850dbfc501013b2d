import FoundationEssentials
import Glibc
import SQLite
import Testing

/// A directory with a database of one table; it goes when the test lets go of it.
final class Scratch: Sendable {
  enum Query: Int, SQLiteQuery {
    case insert, all, ofKey, count, wrong

    var sql: String {
      switch self {
      case .insert: "INSERT INTO item VALUES (?1, ?2)"
      case .all: "SELECT key, value FROM item ORDER BY key"
      case .ofKey: "SELECT value FROM item WHERE key = ?1"
      case .count: "SELECT count(*) FROM item"
      case .wrong: "SELECT value FROM absent"
      }
    }
  }

  typealias Connection = Database<Query, SQLiteError>

  let directory: String
  var file: String { directory + "/items.db" }

  init() throws {
    var template = Array("/tmp/tapestry-sqlite-XXXXXX".utf8CString)
    directory = try #require(unsafe mkdtemp(&template).map { unsafe String(cString: $0) })
    try Data().write(to: URL(filePath: file))
    let database = try open()
    #expect(try database.value(sql: "PRAGMA journal_mode = WAL", as: String.self) == "wal")
    try database.run(sql: "CREATE TABLE item (key INTEGER PRIMARY KEY, value ANY) STRICT")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func open() throws -> Connection { try Connection(openingExisting: file) }

  func copy() throws -> Connection {
    let database = try Connection(inMemoryFor: file)
    try database.copy(file)
    return database
  }

  func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }
}
