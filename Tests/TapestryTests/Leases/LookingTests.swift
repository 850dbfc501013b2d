import FoundationEssentials
import Glibc
import NetTypes
import SQLite
import TestKit
import Testing

@testable import Tapestry

@Suite("A store that is only looked at")
struct LookingTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  private func look(_ file: String? = nil, boot: String = "boot-1") throws -> SQLiteLeaseStore {
    try SQLiteLeaseStore(lookingAt: file ?? directory.file, bootID: boot)
  }

  /// Every byte of every file beside the state file.
  private func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try directory.files() {
      contents[name] = try Data(contentsOf: URL(filePath: directory.path + "/tapestry/" + name))
    }
    return contents
  }

  @Test("is an empty one where there is no file, and neither a file nor its folder is made")
  func missing() throws {
    let store = try look()
    #expect(try store.networks() == [] && store.leases() == [] && store.rememberedSysctls() == [])
    try store.verify()
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/tapestry"))
    try directory.write([])
    #expect(try look().networks() == [])
    #expect(try directory.files() == ["state.db"])
  }

  @Test("has all that was written, be it in the file or in its log, and what is done to it is done to it alone")
  func copy() throws {
    do { try directory.store(subnet: "10.9.8.0/29").claim("a/eth0") }
    let before = try contents()
    let store = try look()
    #expect(try store.leases().map(\.key) == [key("a/eth0")])
    #expect(try store.preview { () throws(TapestryError) in try store.leases().count } == 1)
    try store.claim("b/eth0")
    #expect(try store.leases().count == 2)
    #expect(try contents() == before)
    #expect(try look().leases().count == 1)
  }

  @Test("is as it was when it was first asked, and does not wait for one that is writing")
  func moment() throws {
    let writer = try directory.store(subnet: "10.9.8.0/29")
    let early = try look()
    #expect(try early.leases() == [])
    try writer.claim("a/eth0")
    let late = try look()
    #expect(try early.leases() == [] && late.leases().count == 1)
    try writer.database.run(sql: "BEGIN IMMEDIATE")
    try writer.claim("b/eth0")
    #expect(try look().leases().count == 1)
    try writer.database.run(sql: "COMMIT")
    #expect(try look().leases().count == 2)
  }

  @Test("needs neither the log nor its index, and makes none", arguments: [["-shm"], ["-wal", "-shm"]])
  func withoutLog(missing: [String]) throws {
    do {
      let store = try directory.store(subnet: "10.9.8.0/29")
      try store.claim("a/eth0")
      _ = try store.database.value(sql: "PRAGMA wal_checkpoint(TRUNCATE)", as: Int.self)
    }
    for suffix in missing { directory.remove(suffix) }
    let before = try contents()
    #expect(try look().leases().count == 1)
    #expect(try contents() == before)
  }

  @Test(
    "of an earlier boot has its networks and no leases; of an earlier version has today's tables; both stay as they are"
  )
  func earlier() throws {
    do { try directory.store(subnet: "10.9.8.0/29").claim("a/eth0") }
    let before = try contents()
    let store = try look(boot: "boot-2")
    #expect(try store.networks().count == 1 && store.leases() == [])
    #expect(try contents() == before)
    #expect(try look().leases().count == 1)

    directory.remove("", "-wal", "-shm")
    try directory.write([])
    do {
      let database = try StateDatabase(openingExisting: directory.file)
      try database.run(sql: "PRAGMA journal_mode = WAL")
      try database.run(sql: Schema.migrations[0] + "; PRAGMA user_version = 1; UPDATE boot SET id = 'boot-1'")
    }
    let old = try contents()
    #expect(try look().leases() == [])
    #expect(try contents() == old)
  }

  @Test("is refused where opening it would be: another program's, a newer version's, a damaged one")
  func refused() throws {
    do { try directory.store().database.run(sql: "PRAGMA user_version = 1000") }
    expect(.stateUnavailable) { _ = try look().networks() }
    directory.remove("", "-wal", "-shm")
    try directory.write([UInt8](repeating: 7, count: 4096))
    expect(.stateCorrupt) { _ = try look().networks() }
  }

  @Test("disturbs nobody who writes, nor who opens the file to write, in this process or another")
  func beside() async throws {
    try directory.store(subnet: "10.9.0.0/16").claim("first/eth0")
    try await onThreads(6) { [directory] index in
      for round in 0..<40 {
        if index.isMultiple(of: 2) {
          let store = try SQLiteLeaseStore(lookingAt: directory.file, bootID: "boot-1")
          #expect(try store.leases().contains { $0.key.vm.rawValue == "first" })
        } else {
          try directory.store().claim("vm-\(index)-\(round)/eth0")
        }
      }
    }
    #expect(try look().leases().count == 1 + 3 * 40)
  }

  @Test("may have any name", arguments: ["a b", "50%", "what?mode=rw", "#1", "ä"])
  func names(name: String) throws {
    let file = directory.path + "/" + name
    do { try SQLiteLeaseStore(path: file, bootID: "boot-1").insert(network()) }
    #expect(try look(file).networks().count == 1)
  }

  @Test("may be on a file system that is full, or for reading only", .needsKernel)
  func fileSystems() async throws {
    try await directory.onFileSystem("mode=700,size=1m") { path in
      let file = path + "/state.db"
      do {
        let store = try SQLiteLeaseStore(path: file, bootID: "boot-1")
        try store.insert(network())
        try store.claim("a/eth0")
      }
      try StateDirectory.fill(path + "/filler")
      #expect(try SQLiteLeaseStore(lookingAt: file, bootID: "boot-1").leases().count == 1)
      try StateDirectory.makeReadOnly(path)
      #expect(try SQLiteLeaseStore(lookingAt: file, bootID: "boot-1").leases().count == 1)
      #expect(try SQLiteLeaseStore(lookingAt: path + "/other/state.db", bootID: "boot-1").leases() == [])
    }
  }
}
