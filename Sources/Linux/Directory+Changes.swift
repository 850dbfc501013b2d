import Glibc

extension Directory {
  /// Makes it where it is missing, and gives it this mode either way: mkdir(2), chmod(2).
  public static func make(_ path: String, mode: UInt32) throws(SystemError) {
    if unsafe mkdir(path, mode) != 0, Errno.current != .fileExists { throw SystemError("mkdir \(path)", .current) }
    // Whatever the umask has taken away.
    guard unsafe chmod(path, mode) == 0 else { throw SystemError("chmod \(path)", .current) }
  }

  /// Deletes it where it is there and empty: rmdir(2).
  /// - Returns: false where it is not empty.
  @discardableResult
  public static func remove(_ path: String) throws(SystemError) -> Bool {
    if unsafe rmdir(path) == 0 { return true }
    switch Errno.current {
    case .noSuchFile: return true
    case .directoryNotEmpty, .fileExists: return false
    case let number: throw SystemError("rmdir \(path)", number)
    }
  }

  /// Where a path leads, without symbolic links, `.` and `..`: realpath(3).
  public static func absolute(_ path: String) throws(SystemError) -> String {
    guard let text = unsafe realpath(path, nil) else { throw SystemError("realpath \(path)", .current) }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// Whether two paths lead to one and the same: stat(2).
  /// - Returns: nil where the first leads nowhere; false where the second does, or cannot be looked at.
  public static func isSame(_ path: String, as other: String) -> Bool? {
    var (status, second) = (stat(), stat())
    guard unsafe stat(path, &status) == 0 else { return nil }
    guard unsafe stat(other, &second) == 0 else { return false }
    return status.st_dev == second.st_dev && status.st_ino == second.st_ino
  }

  /// The permissions of it, as chmod(2) takes them.
  public static func mode(_ path: String) throws(SystemError) -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemError("stat \(path)", .current) }
    return status.st_mode & 0o7777
  }
}

extension File {
  /// Puts a file in place of the one at `path`, or where there is none, in one step: rename(2). It is there whole or not
  /// at all; while it is written its name begins with a dot.
  public static func replace(_ path: String, with text: String, mode: UInt32) throws(SystemError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
    let draft = "\(path[..<slash]).\(path[slash...]).\(getpid())"
    do throws(SystemError) {
      let file = try open(draft, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
      guard fchmod(file.rawValue, mode) == 0 else { throw SystemError("chmod \(draft)", .current) }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty { rest = rest.dropFirst(try write(rest, to: file.rawValue)) }
      try file.close()
      guard unsafe rename(draft, path) == 0 else { throw SystemError("rename \(draft)", .current) }
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
  }

  /// Deletes a file where there is one: unlink(2).
  public static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) != 0, Errno.current != .noSuchFile else { return }
    throw SystemError("unlink \(path)", .current)
  }
}
