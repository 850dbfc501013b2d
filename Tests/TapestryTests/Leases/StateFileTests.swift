import FoundationEssentials
import Glibc
import Linux
import NetTypes
import SQLite
import TestKit
import Testing

@testable import Tapestry

@Suite("The state file")
struct StateFileTests {
  private let directory: StateDirectory

  init() throws { directory = try StateDirectory() }

  private func mode(_ path: String) throws -> mode_t {
    var status = stat()
    try #require(unsafe stat(path, &status) == 0)
    return status.st_mode & 0o7777
  }

  @Test("the file, its log and its index are their owner's alone, and so is the directory that is made for them")
  func modes() throws {
    let deep = directory.path + "/a//b/c/state.db"
    let store = try SQLiteLeaseStore(path: deep, bootID: "boot-1")
    try store.insert(network())
    #expect(try ["", "-wal", "-shm"].map { try mode(deep + $0) } == [0o600, 0o600, 0o600])
    #expect(try ["/a", "/a/b", "/a/b/c"].map { try mode(directory.path + $0) } == [0o700, 0o700, 0o700])
  }

  @Test("opening and closing keeps the log, and leaves nothing else behind")
  func leftovers() throws {
    for index in 0..<200 {
      let store = index == 0 ? try directory.store(subnet: "10.9.0.0/16") : try directory.store()
      try store.claim("vm-\(index)/eth0")
    }
    #expect(try directory.files() == ["state.db", "state.db-wal", "state.db-shm", "state.db.reserve"])
    // Checkpoints keep the log from growing without end.
    #expect(try Data(contentsOf: URL(filePath: directory.file + "-wal")).count < 400 * Schema.pageSize)
    #expect(try directory.store().leases().count == 200)
  }

  @Test("a path may be relative, and SQLite's own names are paths like any other")
  func paths() throws {
    let up = String(repeating: "../", count: FileManager.default.currentDirectoryPath.split(separator: "/").count)
    let relative = up + directory.path.dropFirst() + "/:memory:"
    do { try SQLiteLeaseStore(path: relative, bootID: "boot-1").insert(network()) }
    #expect(try SQLiteLeaseStore(path: directory.path + "/:memory:", bootID: "boot-1").networks() == [network()])
  }

  @Test("what is no path of a file is refused", arguments: ["", "\0", "/etc", "/dev/null", "/proc/version/x", "/x\0y"])
  func noPath(path: String) throws {
    expect(.stateUnavailable) { _ = try SQLiteLeaseStore(path: path, bootID: "boot-1") }
  }

  @Test("a file that was never finished is finished", arguments: [true, false])
  func unfinished(isEmpty: Bool) throws {
    try directory.write([])
    if !isEmpty {
      let database = try StateDatabase(openingExisting: directory.file)
      #expect(try database.value(sql: "PRAGMA journal_mode = WAL", as: String.self) == "wal")
    }
    try directory.store(subnet: "10.9.8.0/29").claim("web-1/eth0")
    #expect(try directory.store().leases().count == 1)
  }

  @Test("what a deleted file left beside it is nothing to the next")
  func deleted() throws {
    do { try directory.store(subnet: "10.9.8.0/29").claim("web-1/eth0") }
    directory.remove("")
    #expect(try directory.files() == ["state.db-wal", "state.db-shm", "state.db.reserve"])
    let store = try directory.store()
    #expect(try store.networks() == [])
    try store.insert(network("other"))
    #expect(try directory.store().networks().map(\.name) == [identifier("other")])
  }

  @Test(
    "a store whose file is moved away under it goes on with the one that is in its place", arguments: [true, false])
  func moved(isMade: Bool) throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.claim("web-1/eth0")
    try FileManager.default.moveItem(atPath: directory.file, toPath: directory.file + ".damaged")
    if isMade { try directory.store().insert(network("other", subnet: "10.1.0.0/24")) }
    #expect(try store.networks().map(\.name) == (isMade ? [identifier("other")] : []))
    #expect(try store.leases() == [])
    try store.insert(network("third", subnet: "10.2.0.0/24", bridge: "br2"))
    #expect(try directory.store().networks().contains { $0.name.rawValue == "third" })
  }

  @Test("a commit does not wait for the disk, but for a network's, and the store is back to that afterwards")
  func durability() throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    func level() throws -> Int? { try store.database.value(sql: "PRAGMA synchronous", as: Int.self) }
    #expect(try level() == 1)
    expect(.networkExists) { try store.insert(network()) }
    #expect(try level() == 1)
  }

  @Test("a store waits for one that is writing, instead of failing")
  func waits() async throws {
    let store = try directory.store(subnet: "10.9.8.0/29")
    try store.database.run(sql: "BEGIN IMMEDIATE")
    let writer = Task { [directory] in
      try await onOwnThread { try directory.store().claim("web-1/eth0").lease.address }
    }
    try await Task.sleep(for: .milliseconds(300))
    #expect(try store.leases() == [])
    try store.database.run(sql: "COMMIT")
    #expect(try await writer.value == address("10.9.8.2"))
  }

  @Test("without permission for the file, or for its directory, it is NOT_PERMITTED", arguments: [true, false])
  func notPermitted(isMade: Bool) async throws {
    if isMade { _ = try directory.store(subnet: "10.9.8.0/29") }
    let error = try await asNobody { [directory] in
      expect(.notPermitted) { _ = try directory.store() }
    }
    #expect(error?.cause?.errno == EACCES)
    #expect(error?.message.contains("run as root") == true && error?.remedies == [.set(.statePath)])
  }

  @Test("with permission only to read it is NOT_PERMITTED, and the file is left as it is")
  func readOnlyFile() async throws {
    do { _ = try directory.store(subnet: "10.9.8.0/29") }
    for path in [directory.path, directory.path + "/tapestry"] { #expect(unsafe chmod(path, 0o755) == 0) }
    for suffix in ["", "-wal", "-shm"] { #expect(unsafe chmod(directory.file + suffix, 0o644) == 0) }
    let bytes = try directory.bytes()
    try await asNobody { [directory] in
      expect(.notPermitted) { _ = try directory.store() }
    }
    #expect(try directory.bytes() == bytes)
  }

  /// Runs `body` on a thread whose accesses to files are those of the user `nobody`: setfsuid(2).
  @discardableResult
  private func asNobody<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try #require(geteuid() == 0, "needs root")
    return try await onOwnThread {
      // Of this thread alone, as seteuid(2) would not be; it ends with it. Its header is not imported.
      typealias SetUser = @convention(c) (uid_t) -> Int32
      let setfsuid = try #require(unsafe dlsym(nil, "setfsuid").map { unsafe unsafeBitCast($0, to: SetUser.self) })
      _ = setfsuid(65534)
      return try body()
    }
  }
}
