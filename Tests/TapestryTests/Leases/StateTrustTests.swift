import FoundationEssentials
import Glibc
import Linux
import TestKit
import Testing

@testable import Tapestry

@Suite("A state file that others could change")
struct StateTrustTests {
  private let directory: StateDirectory
  private var folder: String { directory.path + "/tapestry" }

  init() throws {
    try #require(geteuid() == 0, "needs root")
    directory = try StateDirectory()
    do { _ = try directory.store(subnet: "10.9.8.0/29") }
  }

  /// All that is there: kind, mode, owner, names and bytes.
  private func everything() async throws -> String {
    try await onOwnThread { [path = directory.path] in
      func names(in folder: String) throws -> [String] {
        try Directory.names(path + folder).sorted().flatMap { name in
          // None in what is no folder, or another's.
          ["\(folder)/\(name)"] + ((try? names(in: "\(folder)/\(name)")) ?? [])
        }
      }
      return try ([""] + names(in: "")).map { name in
        var status = stat()
        _ = unsafe lstat(path + name, &status)
        let bytes = (try? Data(contentsOf: URL(filePath: path + name))).map { "\(Array($0).hashValue)" } ?? ""
        return "\(name) \(status.st_mode) \(status.st_uid) \(status.st_gid) \(status.st_nlink) \(bytes)"
      }.joined(separator: "\n")
    }
  }

  /// Whoever opens it is told of the part that is wrong, and nothing is changed.
  private func expectRefusal(
    naming part: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await everything()
    let file = directory.file
    let errors = [
      expect(.stateUnavailable, sourceLocation: sourceLocation) { _ = try directory.store() },
      expect(.stateUnavailable, sourceLocation: sourceLocation) { _ = try StateLock(statePath: file) },
      expect(.stateUnavailable, sourceLocation: sourceLocation) { _ = try NamePlace(statePath: file) },
      expect(.stateUnavailable, sourceLocation: sourceLocation) {
        _ = try SQLiteLeaseStore(lookingAt: file).networks()
      },
      expect(.stateUnavailable, sourceLocation: sourceLocation) { _ = try StateLock(lookingAt: file) },
    ]
    for error in errors {
      #expect(
        error?.message.contains("'\(directory.path)\(part)'") == true && error?.message.contains(words) == true
          && error?.remedies == [.set(.statePath)], "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }
    #expect(try await everything() == before, sourceLocation: sourceLocation)
  }

  @Test(
    "is refused in a folder that others can write to, with the sticky bit and without",
    arguments: [0o777, 0o770, 0o1777])
  func folder(mode: UInt32) async throws {
    #expect(unsafe chmod(folder, mode) == 0)
    try await expectRefusal(naming: "/tapestry", "mode \(String(mode, radix: 8))")
  }

  @Test("is refused in another user's folder, and below one")
  func foreign() async throws {
    for part in ["/tapestry", ""] {
      #expect(unsafe chown(directory.path + part, 1234, 1234) == 0)
      try await expectRefusal(naming: part, "user 1234's (mode 700)")
      #expect(unsafe chown(directory.path + part, 0, 0) == 0)
    }
  }

  @Test("is refused where it, or what lies beside it, is another user's", arguments: ["", "-wal", "-shm"])
  func file(suffix: String) async throws {
    #expect(unsafe chown(directory.file + suffix, 1234, 1234) == 0)
    try await expectRefusal(naming: "/tapestry/state.db\(suffix)", "user 1234's (mode 600)")
  }

  @Test("is refused where others may write to it", arguments: ["", "-wal", "-shm"])
  func writable(suffix: String) async throws {
    #expect(unsafe chmod(directory.file + suffix, 0o620) == 0)
    try await expectRefusal(naming: "/tapestry/state.db\(suffix)", "chmod go-w")
  }

  @Test(
    "is refused where something beside it is a symbolic link, and what that leads to is left alone",
    arguments: ["-wal", "-shm", "-journal", ".lock", ".d"], [true, false])
  func link(suffix: String, leadsSomewhere: Bool) async throws {
    _ = unsafe unlink(directory.file + suffix)
    let victim = directory.path + "/victim"
    if leadsSomewhere, suffix == ".d" {
      try FileManager.default.createDirectory(atPath: victim, withIntermediateDirectories: false)
    } else if leadsSomewhere {
      try Data("a file of root's".utf8).write(to: URL(filePath: victim))
    }
    #expect(unsafe symlink(victim, directory.file + suffix) == 0)
    try await expectRefusal(naming: "/tapestry/state.db\(suffix)", "is a symbolic link")
    #expect(FileManager.default.fileExists(atPath: victim) == leadsSomewhere)
  }

  @Test("is refused where it, or what lies beside it, has a second name", arguments: ["", "-wal", ".lock"])
  func hardLink(suffix: String) async throws {
    let victim = directory.path + "/victim"
    if suffix == ".lock" { try Data().write(to: URL(filePath: directory.file + suffix)) }
    #expect(unsafe chmod(directory.file + suffix, 0o600) == 0)
    #expect(unsafe Glibc.link(directory.file + suffix, victim) == 0)
    try await expectRefusal(naming: "/tapestry/state.db\(suffix)", "has 2 names")
  }

  @Test("by a link of ours it is one and the same, with one lock")
  func alias() throws {
    let alias = directory.path + "/alias.db"
    #expect(unsafe symlink("tapestry/state.db", alias) == 0)
    #expect(try SQLiteLeaseStore(path: alias, bootID: "boot-1").networks() == directory.store().networks())
    _ = try StateLock(statePath: alias)
    #expect(FileManager.default.fileExists(atPath: directory.file + ".lock"))
    #expect(!FileManager.default.fileExists(atPath: alias + ".lock"))
    #expect(try NamePlace(statePath: alias).directory == directory.file + ".d")
  }

  @Test("somebody's folder in the place of the one that is missing is not taken")
  func race() throws {
    let shared = directory.path + "/shared"
    try FileManager.default.createDirectory(atPath: shared + "/new", withIntermediateDirectories: true)
    #expect(unsafe chmod(shared, 0o1777) == 0 && chown(shared + "/new", 1234, 1234) == 0)
    let error = expect(.stateUnavailable) { try StateFile.makeDirectory(of: shared + "/new/state.db") }
    #expect(error?.message.contains("'\(shared)/new' is user 1234's") == true)
  }
}
