import Glibc

/// A path that only root and the user of this process can redirect. The owner and the mode of every component are
/// checked, as sshd(8) does for a user's keys.
///
/// The target of such a path stays the same while it is used, because only trusted users could change it.
public enum TrustedPath {
  /// The component of a path that cannot be trusted, and the reason.
  public struct Fault: Error, Hashable, Sendable {
    /// The reason.
    public enum Kind: Hashable, Sendable {
      /// Another user owns it.
      case foreign
      /// Other users may write to it.
      case writable
      /// Every user may create files in it, although only delete their own: /tmp.
      case shared
      /// A symbolic link instead of a file.
      case symbolicLink
      /// A file with other names (hard links): if another user created this name, it is that user's file.
      case hardLinks(UInt64)
      /// lstat(2), readlink(2) or getcwd(3) failed.
      case failed(KernelError)
    }

    /// The reason.
    public var kind: Kind
    /// The path of the component.
    public var path: String
    /// The owner's user id.
    public var owner: UInt32 = 0
    /// The permissions, as chmod(2) takes them.
    public var mode: UInt32 = 0
    /// The inode.
    public var inode: UInt64 = 0

    fileprivate init(_ kind: Kind, _ path: String, _ status: stat) {
      self.kind = kind
      self.path = path
      owner = status.st_uid
      mode = status.st_mode & 0o7777
      inode = UInt64(status.st_ino)
    }

    fileprivate init(_ error: KernelError, _ path: String) {
      kind = .failed(error)
      self.path = path
    }
  }

  /// Resolves a path to one without symbolic links, `.` and `..`, whether it exists or not.
  ///
  /// Only its owner may create files in the directory that contains it, if that exists: files beside a trusted file are as
  /// trusted as the file itself.
  /// - Throws: `Fault` for the first component that cannot be trusted.
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
      guard links <= maximumLinks else { throw Fault(KernelError("open \(path)", .tooManyLinks), next) }
      let target: String
      do throws(KernelError) { target = try Directory.link(next) } catch { throw Fault(error, next) }
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

  /// Checks a file or directory of this user that lies beside one with a trusted path. It is no error if it does not exist.
  /// - Throws: `Fault` if it cannot be trusted.
  public static func check(_ path: String) throws(Fault) {
    guard let status = try look(at: path) else { return }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFLNK { throw Fault(.symbolicLink, path, status) }
    guard [0, geteuid()].contains(status.st_uid) else { throw Fault(.foreign, path, status) }
    if isWritable(status) { throw Fault(.writable, path, status) }
    if kind != S_IFDIR, status.st_nlink > 1 { throw Fault(.hardLinks(UInt64(status.st_nlink)), path, status) }
  }

  /// MAXSYMLINKS of the kernel.
  private static let maximumLinks = 40

  /// - Parameter parent: The directory that contains it; nil if that does not exist.
  private static func check(_ path: String, within parent: stat?) throws(Fault) -> stat? {
    guard let status = try look(at: path) else { return nil }
    guard
      [0, geteuid()].contains(status.st_uid)
        // In a directory that other users may write to, it is unknown who created the file.
        || parent.map(isWritable) != true && status.st_uid == nobody && isRootUnknown
    else { throw Fault(.foreign, path, status) }
    let kind = status.st_mode & S_IFMT
    // The mode of a link is meaningless. In a directory with the sticky bit, only the owner of a file may rename it.
    guard kind == S_IFLNK || !isWritable(status) || kind == S_IFDIR && status.st_mode & S_ISVTX != 0 else {
      throw Fault(.writable, path, status)
    }
    return status
  }

  /// Whether other users may write to it. With an access control list, these bits are the mask: the most it can grant.
  private static func isWritable(_ status: stat) -> Bool { status.st_mode & (S_IWGRP | S_IWOTH) != 0 }

  /// lstat(2); nil if there is no such file.
  private static func look(at path: String) throws(Fault) -> stat? {
    var status = stat()
    if unsafe lstat(path, &status) == 0 { return status }
    let error = KernelError("stat \(path)", .current)
    guard error.errno == .noSuchFile else { throw Fault(error, path) }
    return nil
  }

  private static func workingDirectory() throws(Fault) -> String {
    guard let text = unsafe getcwd(nil, 0) else { throw Fault(KernelError("getcwd", .current), ".") }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// The components of a path, last first. Splits bytes, as the kernel does: in Swift, a slash before a combining accent
  /// is part of another character.
  private static func parts(_ path: String) -> [Substring] {
    path.utf8.split(separator: UInt8(ascii: "/")).reversed().map(Substring.init)
  }

  /// The folder that a path, which `resolve` returned, is in.
  package static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  // MARK: User namespaces

  /// overflowuid: the id that the kernel shows for users that a user namespace does not map.
  private static let nobody: UInt32 = 65534

  /// Whether root is not mapped in this user namespace (user_namespaces(7)). Then all system files seem to belong to
  /// nobody.
  private static var isRootUnknown: Bool {
    guard let map = try? File.readLine("/proc/self/uid_map") else { return false }
    return !map.split(separator: "\n").contains { line in
      line.split(separator: " ").dropFirst().first == "0"
    }
  }
}
