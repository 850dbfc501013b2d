import FoundationEssentials
import Glibc
import SQLite
import Testing

@Suite("Transactions")
struct TransactionTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private struct Stop: SQLiteFailure, Equatable {
    var error: SQLiteError?
    init() {}
    init(_ error: SQLiteError) { self.error = error }
  }

  @Test("a transaction that throws changes nothing, and the error is the body's")
  func rollsBack() throws {
    let database = try Database<Scratch.Query, Stop>(openingExisting: scratch.file)
    #expect(throws: Stop()) {
      try database.transaction { () throws(Stop) in
        try database.run(.insert, 1, 1)
        // A transaction within is part of it.
        try database.transaction { () throws(Stop) in _ = try database.run(.insert, 2, 2) }
        throw Stop()
      }
    }
    #expect(!database.isInTransaction)
    #expect(try database.value(.count, as: Int.self) == 0)
    try database.transaction { () throws(Stop) in _ = try database.run(.insert, 1, 1) }
    #expect(try scratch.open().value(.count, as: Int.self) == 1)
  }

  @Test("a preview sees its own changes, and leaves none")
  func preview() throws {
    let database = try scratch.open()
    let count = try database.preview { () throws(SQLiteError) in
      try database.run(.insert, 1, 1)
      return try database.value(.count, as: Int.self)
    }
    #expect(count == 1)
    #expect(try database.value(.count, as: Int.self) == 0)
  }

  @Test("a snapshot does not see what another connection writes meanwhile")
  func snapshot() throws {
    let (reader, writer) = (try scratch.open(), try scratch.open())
    try reader.snapshot { () throws(SQLiteError) in
      #expect(try reader.value(.count, as: Int.self) == 0)
      try writer.run(.insert, 1, 1)
      #expect(try reader.value(.count, as: Int.self) == 0)
    }
    #expect(try reader.value(.count, as: Int.self) == 1)
  }

  @Test("a durable transaction waits for the disk, and later ones do not again")
  func durable() throws {
    let database = try scratch.open()
    func level() throws(SQLiteError) -> Int? { try database.value(sql: "PRAGMA synchronous", as: Int.self) }
    #expect(try level() == 1)
    #expect(try database.transaction(durable: true) { () throws(SQLiteError) in try level() } == 2)
    #expect(try level() == 1)
  }

  @Test("closing keeps the log, and a long one is truncated")
  func log() throws {
    for key in 0..<300 {
      try scratch.open().run(.insert, key, String(repeating: "7", count: 4000))
    }
    #expect(try scratch.files() == ["items.db", "items.db-shm", "items.db-wal"])
    var status = stat()
    #expect(unsafe stat(scratch.file + "-wal", &status) == 0)
    #expect(status.st_size < 300 * 4096)
  }

  @Test("a connection tells when its file is no longer at the path")
  func moved() throws {
    let database = try scratch.open()
    try database.run(.insert, 1, 1)
    #expect(!database.hasMoved)
    try FileManager.default.moveItem(atPath: scratch.file, toPath: scratch.file + ".away")
    #expect(database.hasMoved)
  }

  @Test(
    "a copy has what is in the file and in its log, and is nobody else's", arguments: [[], ["-shm"], ["-shm", "-wal"]])
  func copy(missing: [String]) throws {
    do {
      let database = try scratch.open()
      try database.run(.insert, 1, 1)
      // A log without its index would have to be recovered, which writes.
      if !missing.isEmpty { _ = try database.value(sql: "PRAGMA wal_checkpoint(TRUNCATE)", as: Int.self) }
    }
    for suffix in missing { try FileManager.default.removeItem(atPath: scratch.file + suffix) }
    let before = try scratch.files()
    let copy = try scratch.copy()
    #expect(try copy.value(.count, as: Int.self) == 1)
    try copy.run(.insert, 2, 2)
    if missing.isEmpty { #expect(try scratch.open().value(.count, as: Int.self) == 1) }
    #expect(try scratch.files() == before)
  }
}
