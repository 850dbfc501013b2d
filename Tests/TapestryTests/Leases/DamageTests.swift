import FoundationEssentials
import NetTypes
import SQLite
import TestKit
import Testing

@testable import Tapestry

@Suite("A damaged state file")
struct DamageTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  /// The bytes of a file with `leases` leases, all of it in the file and nothing in its log.
  private func sound(leases: Int) throws -> [UInt8] {
    let other = try StateDirectory()
    do {
      let store = try other.store(subnet: "10.9.0.0/16")
      for index in 0..<leases { try store.claim("vm-\(index)/eth0") }
      try store.database.run(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    return try other.bytes()
  }

  /// Puts these bytes in the state file's place, expects STATE_CORRUPT from opening it or from reading all of it, and
  /// that the file is as it was.
  private func expectCorrupt(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    try directory.write(bytes)
    let error = expect(.stateCorrupt, sourceLocation: sourceLocation) {
      let store = try directory.store()
      try store.verify()
    }
    let file = directory.file
    #expect(error?.message.contains("`mv \(file) \(file).damaged`") == true, sourceLocation: sourceLocation)
    #expect(
      error?.commandLineMessage.contains("`tapestry --state \(file) repair --adopt`") == true,
      sourceLocation: sourceLocation)
    #expect(try directory.bytes() == bytes, sourceLocation: sourceLocation)
  }

  @Test(
    "what is no database is STATE_CORRUPT, and left as it is",
    arguments: [
      [0], Array(repeating: 0, count: 8192), Array("{\"leases\": []}\n".utf8),
      Array(repeating: 0xff, count: 100_000), Array("SQLite format 3\0".utf8),
      Array("SQLite format 3\0".utf8) + Array(repeating: 0xa5, count: 5000),
    ] as [[UInt8]])
  func noDatabase(bytes: [UInt8]) throws {
    try expectCorrupt(bytes)
  }

  @Test(
    "a truncated file is STATE_CORRUPT, and left as it is", arguments: [1, 99, 1023, 1024, 8192, 20_000, -1024, -1])
  func truncated(length: Int) throws {
    let bytes = try sound(leases: 300)
    try expectCorrupt(Array(length > 0 ? bytes.prefix(length) : bytes.dropLast(-length)))
  }

  @Test("a page of noise, whichever it is, is STATE_CORRUPT, and left as it is")
  func noise() throws {
    let bytes = try sound(leases: 300)
    let pages = bytes.count / Schema.pageSize
    #expect(pages > 48)
    var generator = SeededGenerator(seed: 1)
    for page in 0..<pages {
      var damaged = bytes
      for index in page * Schema.pageSize..<(page + 1) * Schema.pageSize {
        damaged[index] = UInt8.random(in: 0...255, using: &generator)
      }
      try expectCorrupt(damaged)
      directory.remove("-wal", "-shm")
    }
  }

  @Test("a file that says it may only be read is STATE_CORRUPT, not a lack of permission", arguments: [18, 19])
  func readOnlyHeader(place: Int) throws {
    var bytes = try sound(leases: 1)
    bytes[place] = 3
    try directory.write(bytes)
    expect(.stateCorrupt) {
      let store = try directory.store()
      try store.verify()
      try store.claim("late/eth0")
    }
    #expect(try directory.bytes() == bytes)
  }

  @Test("a claim that meets a page of noise is STATE_CORRUPT, and the file is left as it is")
  func noiseOnTheWay() throws {
    var bytes = try sound(leases: 300)
    for index in Schema.pageSize..<bytes.count where index % Schema.pageSize < 8 { bytes[index] = 0x55 }
    try directory.write(bytes)
    expect(.stateCorrupt) { try directory.store().claim("late/eth0") }
    #expect(try directory.bytes() == bytes)
  }

  @Test("bits that flip never end in anything but an answer or an error")
  func flippedBits() throws {
    let bytes = try sound(leases: 50)
    var generator = SeededGenerator(seed: 2)
    var refused = 0
    for _ in 0..<400 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        // Half of them in the first pages, where the schema is.
        let range = Bool.random(using: &generator) ? 0..<4 * Schema.pageSize : 0..<bytes.count
        damaged[Int.random(in: range, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
      }
      try directory.write(damaged)
      do {
        let store = try directory.store()
        try store.verify()
        try store.claim("late/eth0")
        try store.end("late/eth0")
      } catch let error as TapestryError {
        refused += 1
        #expect(error.code == .stateCorrupt || error.code == .stateUnavailable, "\(error)")
      }
      directory.remove("-wal", "-shm", "-journal")
    }
    #expect(refused > 100)
  }

  @Test(
    "a database whose tables are not ours is STATE_CORRUPT, and left as it is",
    arguments: [
      "CREATE TABLE lease (x)", "CREATE TABLE lease (x); PRAGMA user_version = 1", "PRAGMA user_version = 1",
      "PRAGMA user_version = -1", "CREATE TABLE boot (id); INSERT INTO boot VALUES ('boot-1'); PRAGMA user_version = 1",
    ])
  func foreign(sql: String) throws {
    try directory.write([])
    do {
      let database = try StateDatabase(openingExisting: directory.file)
      try database.run(sql: sql)
    }
    try expectCorrupt(try directory.bytes())
  }

  @Test(
    "a value that cannot be is STATE_CORRUPT where it is read, not a trap",
    arguments: [
      "UPDATE lease SET tap_name = 'a name with spaces'", "UPDATE lease SET mac = 1 << 48", "UPDATE lease SET mac = -1",
      "UPDATE lease SET address = 1 << 32", "UPDATE lease SET address = -1", "UPDATE lease SET state = 'lost'",
      "UPDATE lease SET interface = ''", "UPDATE lease SET vm = 'ü'", "UPDATE lease SET settings = 'owner=-1'",
      "UPDATE lease SET pid = 1 << 40", "UPDATE lease SET pid = 1", "UPDATE lease SET network = 'gone'",
      "UPDATE lease SET address = address + (1 << 24)", "INSERT INTO released SELECT network, 1, address FROM lease",
      "UPDATE network SET mode = 'hub'", "UPDATE network SET settings = 'dns=1.2.3'",
      "UPDATE network SET settings = 'nat=maybe'",
      "UPDATE network SET prefix_length = 31", "UPDATE network SET prefix_length = -9223372036854775808",
      "UPDATE network SET next_address = 0", "UPDATE network SET next_address = next_address + (1 << 24)",
      "UPDATE network SET bridge = ''", "UPDATE network SET subnet = -1",
    ])
  func illegalValue(sql: String) throws {
    let store = try directory.store(subnet: "10.9.0.0/16")
    try store.claim("web-1/eth0")
    try store.verify()
    try store.database.run(sql: sql)
    expect(.stateCorrupt) { try store.verify() }
  }

  @Test("a watermark or a queue that leaves the subnet never gives out an address from there")
  func illegalStock() throws {
    let store = try directory.store(subnet: "10.9.8.0/30")
    try store.database.run(sql: "UPDATE network SET next_address = next_address - 1")
    expect(.stateCorrupt) { try store.claim("web-1/eth0") }
    try store.database.run(sql: "UPDATE network SET next_address = next_address + 2")
    try store.database.run(sql: "INSERT INTO released VALUES ('default', 1, 1)")
    expect(.stateCorrupt) { try store.claim("web-1/eth0") }
  }

  @Test("an empty file with a log that is not is STATE_CORRUPT, and neither is touched")
  func emptyWithLog() throws {
    do { try directory.store(subnet: "10.9.8.0/29").claim("web-1/eth0") }
    let log = try Data(contentsOf: URL(filePath: directory.file + "-wal"))
    #expect(!log.isEmpty)
    try directory.write([])
    expect(.stateCorrupt) { _ = try directory.store() }
    #expect(try directory.bytes() == [])
    #expect(try Data(contentsOf: URL(filePath: directory.file + "-wal")) == log)
  }

  @Test("a file of a newer Tapestry is refused as such, and left as it is")
  func newer() throws {
    do { _ = try directory.store(subnet: "10.9.8.0/29") }
    do {
      let database = try StateDatabase(openingExisting: directory.file)
      try database.run(sql: "PRAGMA user_version = \(Schema.version + 1); PRAGMA wal_checkpoint(TRUNCATE)")
    }
    let bytes = try directory.bytes()
    let error = expect(.stateUnavailable) { _ = try directory.store() }
    #expect(error?.message.contains("newer Tapestry") == true)
    #expect(try directory.bytes() == bytes)
  }
}
