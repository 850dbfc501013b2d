import Glibc

extension Directory {
  /// Makes it where it is missing, and gives it this mode, and group, either way: mkdir(2), fchmod(2), fchown(2).
  ///
  /// - Parameter group: nil leaves it as it is.
  /// - Throws: ENOTDIR for a symbolic link, and EPERM for what is another's: that stays as it is.
  public static func make(_ path: String, mode: UInt32, group: UInt32? = nil) throws(SystemError) {
    if unsafe mkdir(path, 0o700) != 0, Errno.current != .fileExists { throw SystemError("mkdir \(path)", .current) }
    let folder = try File.open(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try File.give(folder, path, mode: mode, group: group)
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

  /// Whether two paths lead to one and the same: stat(2).
  /// - Returns: nil where the first leads nowhere; false where the second does, or cannot be looked at.
  public static func isSame(_ path: String, as other: String) -> Bool? {
    var (status, second) = (stat(), stat())
    guard unsafe stat(path, &status) == 0 else { return nil }
    guard unsafe stat(other, &second) == 0 else { return false }
    return status.st_dev == second.st_dev && status.st_ino == second.st_ino
  }

  /// The device and the inode of what a path leads to: stat(2).
  public static func identity(_ path: String) throws(SystemError) -> (device: UInt64, inode: UInt64) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemError("stat \(path)", .current) }
    return (UInt64(status.st_dev), UInt64(status.st_ino))
  }

  /// The permissions of it, as chmod(2) takes them.
  public static func mode(_ path: String) throws(SystemError) -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemError("stat \(path)", .current) }
    return status.st_mode & 0o7777
  }
}

extension File {
  /// Gives a file of ours, or a folder, this mode and group, where it has others.
  /// - Throws: EPERM for what is another's: that stays as it is.
  static func give(
    _ file: borrowing OwnedFileDescriptor, _ path: String, mode: UInt32, group: UInt32?
  ) throws(SystemError) {
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { throw SystemError("stat \(path)", .current) }
    guard status.st_uid == geteuid() else { throw SystemError("chmod \(path)", .notPermitted) }
    if let group, status.st_gid != group, fchown(file.rawValue, uid_t.max, group) != 0 {
      throw SystemError("chown \(path)", .current)
    }
    // After the group, with which the kernel may take bits away.
    guard status.st_mode & 0o7777 != mode || group.map({ $0 != status.st_gid }) == true else { return }
    guard fchmod(file.rawValue, mode) == 0 else { throw SystemError("chmod \(path)", .current) }
  }

  /// Gives a file of ours this mode and group: fchmod(2), fchown(2).
  /// - Throws: ELOOP for a symbolic link, and EPERM for what is another's: that stays as it is.
  public static func give(_ path: String, mode: UInt32, group: UInt32?) throws(SystemError) {
    try give(try open(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK), path, mode: mode, group: group)
  }

  /// Puts a file in place of the one at `path`, or where there is none, in one step: rename(2). It is there whole or not
  /// at all; while it is written its name begins with a dot. Its group is what the folder gives.
  public static func replace(_ path: String, with text: String, mode: UInt32) throws(SystemError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
    let draft = "\(path[..<slash]).\(path[slash...]).\(getpid())"
    do throws(SystemError) {
      let file = try make(draft, mode: mode)
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

  /// A new file, in place of what a process that was killed has left.
  private static func make(_ path: String, mode: UInt32) throws(SystemError) -> OwnedFileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    do throws(SystemError) { return try open(path, flags: flags, mode: mode) } catch {
      guard error.errno == .fileExists else { throw error }
      try remove(path)
      return try open(path, flags: flags, mode: mode)
    }
  }

  /// Deletes a file where there is one: unlink(2).
  public static func remove(_ path: String) throws(SystemError) {
    guard unsafe unlink(path) != 0, Errno.current != .noSuchFile else { return }
    throw SystemError("unlink \(path)", .current)
  }
}
