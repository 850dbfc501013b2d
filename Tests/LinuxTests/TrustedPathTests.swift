import FoundationEssentials
import Glibc
import Linux
import TestKit
import Testing

@Suite("A path that nobody else can lead elsewhere")
struct TrustedPathTests {
  private let folder = Folder()

  /// What is wrong, and where in the folder.
  private func fault(_ path: String) -> TrustedPath.Fault? {
    do throws(TrustedPath.Fault) { _ = try TrustedPath.resolve(folder.path + path) } catch { return error }
    return nil
  }

  private func expect(
    _ kind: TrustedPath.Fault.Kind, at part: String, of path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fault = fault(path)
    #expect(
      fault?.kind == kind && fault?.path == folder.path + part, "\(path): \(String(describing: fault))",
      sourceLocation: sourceLocation)
  }

  @Test("leads where its links lead, whether there is anything or not")
  func resolve() throws {
    let root = folder.path
    folder.make("a/b")
    folder.link("a/up", to: "..")
    folder.link("whole", to: root + "/a/b")
    folder.link("gone", to: "nowhere/x")
    for (path, target) in [
      ("/a/b/state", "/a/b/state"), ("//a/./b//state", "/a/b/state"), ("/a/b/../state", "/a/state"),
      ("/a/up/a/b/state", "/a/b/state"), ("/whole/state", "/a/b/state"), ("/gone", "/nowhere/x"),
      ("/missing/deep/state", "/missing/deep/state"), ("/a/\u{301}b", "/a/\u{301}b"),
    ] { #expect(try TrustedPath.resolve(root + path) == root + target, "\(path)") }
    #expect(try TrustedPath.resolve("/../..//etc") == "/etc")
    let here = FileManager.default.currentDirectoryPath
    #expect(try TrustedPath.resolve("./x") == (here == "/" ? "/x" : here + "/x"))
  }

  @Test("is not one with another user's folder, file or link on it, nor with one that others may write to")
  func others() throws {
    try #require(geteuid() == 0, "needs root")
    folder.make("theirs/inner")
    folder.own("theirs")
    expect(.foreign, at: "/theirs", of: "/theirs/inner/state")
    folder.make("group", mode: 0o770)
    folder.make("all/inner")
    folder.mode("all", 0o777)
    expect(.writable, at: "/group", of: "/group/state")
    expect(.writable, at: "/all", of: "/all/inner/state")
    folder.make("ours")
    folder.write("ours/open", mode: 0o622)
    expect(.writable, at: "/ours/open", of: "/ours/open")
    folder.write("ours/file")
    folder.own("ours/file")
    expect(.foreign, at: "/ours/file", of: "/ours/file")
    folder.link("ours/link", to: folder.path + "/ours")
    folder.own("ours/link")
    expect(.foreign, at: "/ours/link", of: "/ours/link/state")
    // By a link of ours one comes to what is theirs.
    folder.link("ours/there", to: "../theirs/inner")
    expect(.foreign, at: "/theirs", of: "/ours/there/state")
    folder.link("turn", to: "turn")
    #expect(fault("/turn/state")?.kind == .failed(KernelError("open \(folder.path)/turn/state", .tooManyLinks)))
  }

  @Test("may lead through a folder in which everybody has files of their own, but not end there")
  func shared() throws {
    try #require(geteuid() == 0, "needs root")
    folder.make("shared/ours")
    folder.make("shared/theirs")
    folder.mode("shared", 0o1777)
    folder.own("shared/theirs")
    #expect(fault("/shared/ours/state") == nil && fault("/shared/new/state") == nil)
    expect(.foreign, at: "/shared/theirs", of: "/shared/theirs/state")
    expect(.shared, at: "/shared", of: "/shared/state")
    folder.link("shared/link", to: "ours")
    #expect(fault("/shared/link/state") == nil)
    folder.own("shared/link")
    expect(.foreign, at: "/shared/link", of: "/shared/link/state")
    // The sticky bit keeps nobody from files in a folder that is theirs.
    folder.own("shared")
    expect(.foreign, at: "/shared", of: "/shared/ours/state")
  }

  @Test("has beside it what is ours alone")
  func beside() throws {
    try #require(geteuid() == 0, "needs root")
    func kind(_ name: String) -> TrustedPath.Fault.Kind? {
      do throws(TrustedPath.Fault) { try TrustedPath.check(folder.path + name) } catch { return error.kind }
      return nil
    }
    folder.write("file")
    #expect(kind("/file") == nil && kind("/missing") == nil)
    folder.link("link", to: "file")
    #expect(kind("/link") == .symbolicLink)
    folder.write("theirs")
    folder.own("theirs")
    #expect(kind("/theirs") == .foreign)
    folder.write("open", mode: 0o660)
    #expect(kind("/open") == .writable)
    folder.make("folder")
    #expect(kind("/folder") == nil)
    #expect(unsafe Glibc.link(folder.path + "/file", folder.path + "/second") == 0)
    #expect(kind("/file") == .hardLinks(2) && kind("/second") == .hardLinks(2))
  }

  @Test("a folder is made, and given its mode, only where it is ours, and never through a link")
  func make() throws {
    try #require(geteuid() == 0, "needs root")
    let path = folder.path
    try Directory.make(path + "/new", mode: 0o2750, group: 4321)
    try Directory.make(path + "/new", mode: 0o2750, group: 4321)
    #expect(folder.status("new") == [0, 4321, 0o2750])
    try File.replace(path + "/new/file", with: "x", mode: 0o640)
    #expect(folder.status("new/file") == [0, 4321, 0o640])
    folder.make("victim")
    folder.link("link", to: "victim")
    #expect(throws: KernelError.self) { try Directory.make(path + "/link", mode: 0o777) }
    folder.make("theirs")
    folder.own("theirs")
    #expect(throws: KernelError("chmod \(path)/theirs", .notPermitted)) {
      try Directory.make(path + "/theirs", mode: 0o777)
    }
    #expect(folder.status("victim") == [0, 0, 0o700] && folder.status("theirs") == [1234, 1234, 0o700])
    folder.write("secret")
    folder.link("file", to: "secret")
    #expect(throws: KernelError.self) { try File.give(path + "/file", mode: 0o644, group: 4321) }
    #expect(folder.status("secret") == [0, 0, 0o600])
  }

  @Test("a file that takes another's place is written through no link that is in the way")
  func replace() throws {
    folder.write("victim")
    // What a draft is called.
    folder.link(".file.\(getpid())", to: "victim")
    try File.replace(folder.path + "/file", with: "new", mode: 0o600)
    #expect(try File.readLine(folder.path + "/file") == "new" && File.readLine(folder.path + "/victim") == "old")
    folder.link("other", to: "victim")
    try File.replace(folder.path + "/other", with: "new", mode: 0o600)
    #expect(try File.readLine(folder.path + "/victim") == "old")
  }
}

/// A folder that goes with the test; what is wrong with its making shows in what is expected of it.
private final class Folder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/tapestry-path-XXXXXX".utf8CString)
    path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? ""
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func make(_ name: String, mode: UInt32 = 0o700) {
    try? FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    self.mode(name, mode)
  }

  func mode(_ name: String, _ mode: UInt32) { _ = unsafe chmod("\(path)/\(name)", mode) }

  func write(_ name: String, mode: UInt32 = 0o600) {
    try? "old".write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    self.mode(name, mode)
  }

  func link(_ name: String, to target: String) { _ = unsafe symlink(target, "\(path)/\(name)") }

  /// Gives it to another user, itself and not where it leads.
  func own(_ name: String) { _ = unsafe lchown("\(path)/\(name)", 1234, 1234) }

  /// Owner, group and mode.
  func status(_ name: String) -> [UInt32] {
    var status = stat()
    _ = unsafe lstat("\(path)/\(name)", &status)
    return [status.st_uid, status.st_gid, status.st_mode & 0o7777]
  }
}
