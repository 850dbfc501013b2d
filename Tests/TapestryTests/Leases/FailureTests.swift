import FoundationEssentials
import Glibc
import Linux
import NetTypes
import SQLite
import TestKit
import Testing

@testable import Tapestry

@Suite("A disk or a process that fails", .needsKernel)
struct FailureTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  @Test(
    "a process that is killed, whenever that is, leaves a store that is whole and can be used at once",
    arguments: [0, 50, 100, 200, 400, 800, 1_500, 3_000, 6_000, 12_000, 25_000, 50_000] as [UInt32])
  func killed(microseconds: UInt32) async throws {
    let file = directory.file
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [file = file as String, microseconds = microseconds as UInt32] in
      try DetachedThread.start(name: "killer") {
        usleep(microseconds)
        kill(getpid(), SIGKILL)
      }
      for index in 0... {
        // From nothing each time, as short-lived processes do.
        let store = try SQLiteLeaseStore(path: file, bootID: "boot-1")
        if try store.networks().isEmpty { try store.insert(network(subnet: "10.9.0.0/16")) }
        try store.claim("vm-\(index)/eth0")
        try store.activate(key("vm-\(index)/eth0"))
        if index.isMultiple(of: 3) {
          try store.markReleasing(key("vm-\(index)/eth0"))
          try store.release(key("vm-\(index)/eth0"))
        }
      }
    }
    let store = try directory.store()
    try store.verify()
    if try store.networks().isEmpty { try store.insert(network(subnet: "10.9.0.0/16")) }
    // Nothing was lost: who attached before the last is active, or was released.
    let leases = try store.leases()
    #expect(leases.count { $0.state != .active } <= 1)
    let next = try store.claim("next/eth0").lease.address.rawValue
    #expect(leases.allSatisfy { $0.address.rawValue < next })
    try store.verify()
  }

  @Test("a full disk is STATE_UNAVAILABLE with ENOSPC, changes nothing, and is forgotten once there is room")
  func fullDisk() async throws {
    try await directory.onFileSystem("mode=700,size=1m") { path in
      let store = try SQLiteLeaseStore(path: path + "/state.db", bootID: "boot-1")
      try store.insert(network(subnet: "10.9.0.0/16"))
      try store.claim("first/eth0")
      let filler = path + "/filler"
      try StateDirectory.fill(filler)
      var claimed = 1
      var failure: TapestryError?
      while failure == nil, claimed < 10_000 {
        do {
          try store.claim("vm-\(claimed)/eth0")
          claimed += 1
        } catch let error as TapestryError { failure = error }
      }
      #expect(failure?.code == .stateUnavailable)
      #expect(failure?.cause?.errno == ENOSPC)
      let held = Result { try store.leases().count }
      #expect(throws: Never.self, "listing while full") { try held.get() }
      #expect((try? held.get()) == claimed)
      // Emptied first: whoever still holds the file open holds no room then.
      #expect(unsafe truncate(filler, 0) == 0 && unlink(filler) == 0)
      #expect(throws: Never.self, "claiming with room again") { try store.claim("vm-\(claimed)/eth0") }
      #expect(throws: Never.self, "verifying") { try store.verify() }
    }
  }

  @Test("a read-only file system is STATE_UNAVAILABLE with EROFS, whether the file is there or not")
  func readOnlyFileSystem() async throws {
    try await directory.onFileSystem("mode=700,size=1m") { path in
      do { try SQLiteLeaseStore(path: path + "/state.db", bootID: "boot-1").insert(network()) }
      try StateDirectory.makeReadOnly(path)
      for file in ["/state.db", "/new.db", "/directory/new.db"] {
        let error = expect(.stateUnavailable) { _ = try SQLiteLeaseStore(path: path + file, bootID: "boot-1") }
        #expect(error?.cause?.errno == EROFS, "\(file)")
      }
    }
  }

  @Test(
    "what SQLite answers has a code, keeps errno, and names the file",
    arguments: [
      // SQLITE_BUSY, _PROTOCOL, _IOERR_FSYNC, _NOMEM, _CANTOPEN twice, _READONLY, _FULL, _CORRUPT, _NOTADB, _ERROR
      (5, 0, TapestryError.Code.stateUnavailable, "locked by another process"),
      (15, 0, .stateUnavailable, "locked by another process"),
      (10 | 4 << 8, EIO, .stateUnavailable, "unavailable: it failed"),
      (7, 0, .stateUnavailable, "unavailable"), (14, EACCES, .notPermitted, "No permission"),
      (14, EMFILE, .stateUnavailable, "EMFILE"), (8, 0, .notPermitted, "No permission"),
      (13, ENOSPC, .stateUnavailable, "ENOSPC"), (11 | 1 << 8, 0, .stateCorrupt, "is damaged: it failed"),
      (26, 0, .stateCorrupt, "is damaged"), (1, 0, .stateCorrupt, "is damaged"),
    ] as [(Int32, Int32, TapestryError.Code, String)])
  func mapping(code: Int32, errno: Int32, expected: TapestryError.Code, words: String) {
    let error = TapestryError(
      SQLiteError(
        "commit", path: "/a/b.db", code: code, errno: errno == 0 ? nil : Errno(rawValue: errno), message: "it failed"))
    #expect(error.code == expected)
    #expect(error.message.contains(words) && error.message.contains("/a/b.db"), "\(error.message)")
    #expect(error.cause?.operation == "SQLite: commit")
    #expect(error.cause?.errno == (errno == 0 ? nil : errno))
  }

  @Test("the advice for a damaged file names it only where it is not the usual one")
  func advice() {
    let error = StateFile.damaged(SQLiteLeaseStore.defaultPath, doing: "open", "it is")
    #expect(error.message.contains("(`mv /var/lib/tapestry/state.db /var/lib/tapestry/state.db.damaged`)"))
    #expect(error.commandLineMessage.contains("`tapestry repair --adopt`"))
  }

  @Test(
    "what the checks let pass and a constraint does not has the right code all the same",
    arguments: [
      ("vm = 'b', interface = 'eth0'", TapestryError.Code.attachmentConflict),
      ("address = (SELECT max(address) FROM lease)", .addressInUse),
      ("mac = (SELECT max(mac) FROM lease)", .addressInUse),
      ("tap_name = 'svbeth0'", .attachmentConflict),
    ])
  func constraint(assignment: String, code: TapestryError.Code) throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.claim("b/eth0", ip: "10.9.8.6", mac: "0e:00:00:00:00:01")
    try store.claim("a/eth0")
    expect(code) { try store.database.run(sql: "UPDATE lease SET \(assignment) WHERE vm = 'a'") }
    try store.verify()
  }
}
