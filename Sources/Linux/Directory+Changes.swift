import Glibc

extension Directory {
  /// Creates the directory if it is missing. Sets its mode and group in any case: mkdir(2), fchmod(2), fchown(2).
  ///
  /// - Parameters:
  ///   - path: The directory.
  ///   - mode: The permissions, as chmod(2) takes them.
  ///   - group: The group id; nil leaves the group unchanged.
  /// - Throws: `KernelError`: ENOTDIR for a symbolic link; EPERM for another user's directory. Both stay unchanged.
  public static func make(_ path: String, mode: UInt32, group: UInt32? = nil) throws(KernelError) {
    if unsafe mkdir(path, 0o700) != 0, Errno.current != .fileExists { throw KernelError("mkdir \(path)", .current) }
    let folder = try File.open(path, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    try File.give(folder, path, mode: mode, group: group)
  }

  /// Deletes the directory if it exists and is empty: rmdir(2).
  /// - Returns: false if it is not empty.
  /// - Throws: `KernelError` of rmdir(2), except ENOENT, ENOTEMPTY and EEXIST.
  @discardableResult
  public static func remove(_ path: String) throws(KernelError) -> Bool {
    if unsafe rmdir(path) == 0 { return true }
    switch Errno.current {
    case .noSuchFile: return true
    case .directoryNotEmpty, .fileExists: return false
    case let number: throw KernelError("rmdir \(path)", number)
    }
  }

  /// Whether two paths lead to the same file: stat(2).
  /// - Returns: nil if stat(2) fails for the first path; false if it fails for the second.
  public static func isSame(_ path: String, as other: String) -> Bool? {
    guard let file = try? FileIdentity(path: path) else { return nil }
    return file == (try? FileIdentity(path: other))
  }

  /// Returns the permissions of the file that a path leads to, as chmod(2) takes them.
  /// - Throws: `KernelError` of stat(2).
  public static func mode(_ path: String) throws(KernelError) -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw KernelError("stat \(path)", .current) }
    return status.st_mode & 0o7777
  }
}

extension File {
  /// Sets the mode and the group of a file or directory of this user, if they differ.
  /// - Throws: EPERM for another user's file, which stays unchanged.
  static func give(
    _ file: borrowing OwnedFileDescriptor, _ path: String, mode: UInt32, group: UInt32?
  ) throws(KernelError) {
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { throw KernelError("stat \(path)", .current) }
    guard status.st_uid == geteuid() else { throw KernelError("chmod \(path)", .notPermitted) }
    if let group, status.st_gid != group, fchown(file.rawValue, uid_t.max, group) != 0 {
      throw KernelError("chown \(path)", .current)
    }
    // The mode comes after the group: when the group changes, the kernel may clear mode bits.
    guard status.st_mode & 0o7777 != mode || group.map({ $0 != status.st_gid }) == true else { return }
    guard fchmod(file.rawValue, mode) == 0 else { throw KernelError("chmod \(path)", .current) }
  }

  /// Sets the mode and the group of a file of this user: fchmod(2), fchown(2).
  /// - Parameters:
  ///   - path: The file.
  ///   - mode: The permissions, as chmod(2) takes them.
  ///   - group: The group id; nil leaves the group unchanged.
  /// - Throws: `KernelError`: ELOOP for a symbolic link; EPERM for another user's file. Both stay unchanged.
  public static func give(_ path: String, mode: UInt32, group: UInt32?) throws(KernelError) {
    try give(try open(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK), path, mode: mode, group: group)
  }

  /// Creates or replaces the file at `path` atomically: rename(2). Readers see all of the new file or none of it. While it
  /// is written, its name begins with a dot. The directory determines its group.
  /// - Throws: `KernelError` of the call that failed. Then the old file stays.
  public static func replace(_ path: String, with text: String, mode: UInt32) throws(KernelError) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
    let draft = "\(path[..<slash]).\(path[slash...]).\(getpid())"
    do throws(KernelError) {
      let file = try make(draft, mode: mode)
      guard fchmod(file.rawValue, mode) == 0 else { throw KernelError("chmod \(draft)", .current) }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty { rest = rest.dropFirst(try write(rest, to: file.rawValue)) }
      try file.close()
      guard unsafe rename(draft, path) == 0 else { throw KernelError("rename \(draft)", .current) }
    } catch {
      _ = unsafe unlink(draft)
      throw error
    }
  }

  /// Creates a new file. Deletes a leftover of a killed process first.
  private static func make(_ path: String, mode: UInt32) throws(KernelError) -> OwnedFileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    do throws(KernelError) { return try open(path, flags: flags, mode: mode) } catch {
      guard error.errno == .fileExists else { throw error }
      try remove(path)
      return try open(path, flags: flags, mode: mode)
    }
  }

  /// Deletes a file if it exists: unlink(2).
  /// - Throws: `KernelError` of unlink(2), except ENOENT.
  public static func remove(_ path: String) throws(KernelError) {
    guard unsafe unlink(path) != 0, Errno.current != .noSuchFile else { return }
    throw KernelError("unlink \(path)", .current)
  }
}
