import Glibc

/// A path that nobody but root and the user of this process can lead elsewhere: owner and mode of all that is on it are
/// looked at, as sshd(8) does with a user's keys.
///
/// What such a path leads to stays the same while it is used, for whoever could change it is trusted.
public enum TrustedPath {
  /// The part of a path that is not to be trusted, and why.
  public struct Fault: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      /// It is another user's.
      case foreign
      /// Others may write to it.
      case writable
      /// Everybody may put files in it, if only their own: /tmp.
      case shared
      /// A symbolic link, where there is to be a file.
      case symbolicLink
      /// A file that has other names too: another's file, if they put the name there.
      case hardLinks(UInt64)
      /// It could not be looked at.
      case failed(SystemError)
    }

    public var kind: Kind
    public var path: String
    public var owner: UInt32 = 0
    /// As chmod(2) takes it.
    public var mode: UInt32 = 0
    public var inode: UInt64 = 0

    fileprivate init(_ kind: Kind, _ path: String, _ status: stat) {
      self.kind = kind
      self.path = path
      owner = status.st_uid
      mode = status.st_mode & 0o7777
      inode = UInt64(status.st_ino)
    }

    fileprivate init(_ error: SystemError, _ path: String) {
      kind = .failed(error)
      self.path = path
    }
  }

  /// Where a path leads, without symbolic links, `.` and `..`, whether there is anything or not.
  ///
  /// The folder that it is in, where there is one, is nobody's to put files in but its owner's: whatever lies beside a file
  /// that is used is as trusted as itself.
  public static func resolve(_ path: String) throws(Fault) -> String {
    var rest = parts(path.utf8.first == UInt8(ascii: "/") ? path : try workingDirectory() + "/" + path)
    var found = "/"
    var links = 0
    var parent = try check("/", within: nil)
    while let name = rest.popLast() {
      if name == "." { continue }
      if name == ".." {
        found = folder(of: found)
        parent = try look(at: found)
        continue
      }
      let next = found == "/" ? "/\(name)" : "\(found)/\(name)"
      let status = try check(next, within: parent)
      guard let status, status.st_mode & S_IFMT == S_IFLNK else {
        (found, parent) = (next, status)
        continue
      }
      links += 1
      guard links <= mostLinks else { throw Fault(SystemError("open \(path)", .tooManyLinks), next) }
      let target: String
      do throws(SystemError) { target = try Directory.link(next) } catch { throw Fault(error, next) }
      if target.utf8.first == UInt8(ascii: "/") {
        found = "/"
        parent = try look(at: found)
      }
      rest += parts(target)
    }
    let last = folder(of: found)
    if let status = try look(at: last), isWritable(status) { throw Fault(.shared, last, status) }
    return found
  }

  /// Looks at a file, or at a folder, that is to be ours, beside one whose path is trusted. There may be none.
  public static func check(_ path: String) throws(Fault) {
    guard let status = try look(at: path) else { return }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFLNK { throw Fault(.symbolicLink, path, status) }
    guard [0, geteuid()].contains(status.st_uid) else { throw Fault(.foreign, path, status) }
    if isWritable(status) { throw Fault(.writable, path, status) }
    if kind != S_IFDIR, status.st_nlink > 1 { throw Fault(.hardLinks(UInt64(status.st_nlink)), path, status) }
  }

  /// As the kernel's, MAXSYMLINKS.
  private static let mostLinks = 40

  /// - Parameter parent: What it is in; nil for nothing, which is there no longer, or not yet.
  private static func check(_ path: String, within parent: stat?) throws(Fault) -> stat? {
    guard let status = try look(at: path) else { return nil }
    guard
      [0, geteuid()].contains(status.st_uid)
        // Who made it where everybody may is not to be guessed.
        || parent.map(isWritable) != true && status.st_uid == nobody && isRootUnknown
    else { throw Fault(.foreign, path, status) }
    let kind = status.st_mode & S_IFMT
    // The permissions of a link are nothing, and what is in a folder with the sticky bit is its owner's to rename.
    guard kind == S_IFLNK || !isWritable(status) || kind == S_IFDIR && status.st_mode & S_ISVTX != 0 else {
      throw Fault(.writable, path, status)
    }
    return status
  }

  /// Whether others than the owner may write to it. With an access control list these bits are the most that it gives.
  private static func isWritable(_ status: stat) -> Bool { status.st_mode & (S_IWGRP | S_IWOTH) != 0 }

  /// lstat(2); nil where there is nothing.
  private static func look(at path: String) throws(Fault) -> stat? {
    var status = stat()
    if unsafe lstat(path, &status) == 0 { return status }
    let error = SystemError("stat \(path)", .current)
    guard error.errno == .noSuchFile else { throw Fault(error, path) }
    return nil
  }

  private static func workingDirectory() throws(Fault) -> String {
    guard let text = unsafe getcwd(nil, 0) else { throw Fault(SystemError("getcwd", .current), ".") }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// The names in a path, the last first. (By bytes, as the kernel: a slash before an accent is no character of its own.)
  private static func parts(_ path: String) -> [Substring] {
    path.utf8.split(separator: UInt8(ascii: "/")).reversed().map(Substring.init)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  // MARK: User namespaces

  /// Whom the kernel names for users that a user namespace does not know: overflowuid.
  private static let nobody: UInt32 = 65534

  /// Whether root is such a user here (user_namespaces(7)), so that all that is the system's appears to be nobody's.
  private static var isRootUnknown: Bool {
    guard let map = try? File.readLine("/proc/self/uid_map") else { return false }
    return !map.split(separator: "\n").contains { line in
      line.split(separator: " ").dropFirst().first == "0"
    }
  }
}
