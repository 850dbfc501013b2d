import Glibc
import Linux

/// Checks and creates a store's file before SQLite opens it.
enum StateFile {
  enum Condition { case missing, empty, filled }

  /// Examines `path`, which must be trusted: stat(2).
  /// - Throws: `STATE_UNAVAILABLE` if it is not a regular file; `STATE_CORRUPT` if SQLite would not detect the damage.
  static func condition(of path: String) throws(TapestryError) -> Condition {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      let number = Errno(rawValue: Glibc.errno)
      if number == .noSuchFile { return .missing }
      throw error(path, KernelError("stat \(path)", number))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw TapestryError(
        .stateUnavailable,
        saying: "State file '\(path)' is not a regular file: use another one with \(.set(.statePath))")
    }
    switch status.st_size {
    case 0: return .empty
    // SQLite would treat it as an empty file.
    case 1: throw StateFile.damaged(path, doing: "open", "it is one byte long")
    default: return .filled
    }
  }

  /// Creates the directory of `path` and its parents if they are missing: mode 0700.
  /// - Throws: `STATE_UNAVAILABLE`, also if another user created one first.
  static func makeDirectory(of path: String) throws(TapestryError) {
    try makeDirectories(of: path)
    _ = try trusted(path)
  }

  private static func makeDirectories(of path: String) throws(TapestryError) {
    let directory = TrustedPath.folder(of: path)
    var isMade = unsafe mkdir(directory, 0o700) == 0
    if !isMade, Glibc.errno == ENOENT {
      try makeDirectories(of: directory)
      isMade = unsafe mkdir(directory, 0o700) == 0
    }
    let number = Errno(rawValue: Glibc.errno)
    guard isMade || number == .fileExists else { throw error(path, KernelError("mkdir \(directory)", number)) }
  }

  /// Creates an empty file if there is none: mode 0600, which SQLite also uses for its log and index.
  ///
  /// - Throws: `STATE_CORRUPT` for an empty file with a log that is not empty: SQLite would delete the log.
  static func make(_ path: String) throws(TapestryError) {
    switch try condition(of: path) {
    case .filled: return
    case .empty:
      if try condition(of: path + "-wal") == .filled {
        throw StateFile.damaged(path, doing: "open", "it is empty, but its log is not")
      }
    case .missing:
      do throws(KernelError) {
        // Companion files of a deleted or moved file do not belong to the new one.
        for suffix in ["-wal", "-shm", "-journal"] { try File.remove(path + suffix) }
        try File.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600).close()
      } catch {
        throw self.error(path, error)
      }
    }
  }

  /// Runs `body` while holding a lock on the file's directory, which excludes other processes that create a file there:
  /// flock(2). The lock ends with the process and leaves no file.
  static func withDirectoryLocked<Result>(
    of path: String, _ body: () throws(TapestryError) -> Result
  ) throws(TapestryError) -> Result {
    let lock = try lockDirectory(of: path)
    let result = try body()
    // Hold the lock until here: Swift may destroy a value after its last use.
    _ = consume lock
    return result
  }

  private static func lockDirectory(of path: String) throws(TapestryError) -> OwnedFileDescriptor {
    let directory = TrustedPath.folder(of: path)
    do throws(KernelError) {
      let descriptor = try File.open(directory, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      try File.lock(descriptor, directory)
      return descriptor
    } catch {
      throw self.error(path, error)
    }
  }

  /// Whether this process may write to the file and its companion files: access(2).
  static func isWritable(_ path: String) -> Bool {
    ["", "-wal", "-shm"].allSatisfy { suffix in
      unsafe access(path + suffix, W_OK) == 0 || (!suffix.isEmpty && Glibc.errno == ENOENT)
    }
  }
}
