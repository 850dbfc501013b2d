import CLinux
import Glibc
package import Linux

/// A file that reserves space on a file system for writes of databases that must succeed when the file system is full.
///
/// Other writers could take space that is given back. So a write gives it back itself, only when it fails for lack of
/// space, and in small portions.
package struct Reserve: Sendable {
  /// The path of the reserve file.
  package let path: String

  /// The reserve at this path. This creates no file.
  package init(path: String) { self.path = path }

  /// Creates the file, or extends it, if it is smaller than `bytes`: posix_fallocate(3).
  /// - Throws: `KernelError`: ENOSPC, EDQUOT, EFBIG, or that of open(2).
  package func keep(_ bytes: Int) throws(KernelError) {
    var status = stat()
    if unsafe lstat(path, &status) == 0, Int(status.st_size) >= bytes { return }
    let file = try File.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    _ = try valueOrError(clinux_reserve_keep(file.rawValue, off_t(bytes)), "allocate \(bytes) bytes of \(path)")
  }

  /// Runs `body`. Within it, databases that write on this thread may use up the reserve.
  /// - Throws: The error of `body`.
  package func use<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    // Without a reserve file there is nothing to use.
    guard let file = try? File.open(path, flags: O_RDWR | O_NOFOLLOW) else { return try body() }
    let former = clinux_reserve_use(file.rawValue)
    let result = Swift.Result(catching: body)
    _ = clinux_reserve_use(former)
    // Keep the fd open until here: a value may be destroyed after its last use.
    _ = consume file
    return try result.get()
  }

  /// write(2) for SQLite (sqlite3_vfs.xSetSystemCall). It may use up the reserve.
  static let write: @convention(c) (Int32, UnsafeRawPointer?, Int) -> Int = unsafe clinux_reserved_write

  /// pwrite(2) for SQLite (sqlite3_vfs.xSetSystemCall). It may use up the reserve.
  static let positionedWrite: @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int = unsafe clinux_reserved_pwrite
}
