import CLinux
import Glibc

/// Room on a file system that is kept in a file beside what is to be written when there is none left.
///
/// Who else writes there may be faster when it is given back: so that happens in the call that lacks it, and in small
/// portions.
public struct Reserve: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  /// Makes the file, or makes it larger, where it is smaller than this: posix_fallocate(3).
  /// - Throws: `SystemError`: ENOSPC, EDQUOT, EFBIG.
  public func keep(_ bytes: Int) throws(SystemError) {
    var status = stat()
    if unsafe lstat(path, &status) == 0, Int(status.st_size) >= bytes { return }
    let file = try File.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
    _ = try valueOrError(clinux_reserve_keep(file.rawValue, off_t(bytes)), "allocate \(bytes) bytes of \(path)")
  }

  /// Runs `body`, in which this thread's writes by `write` and `positionedWrite` may use the room up.
  public func use<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    // Where there is none, there is none to use.
    guard let file = try? File.open(path, flags: O_RDWR | O_NOFOLLOW) else { return try body() }
    let former = clinux_reserve_use(file.rawValue)
    let result: Swift.Result<Result, Failure>
    do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
    _ = clinux_reserve_use(former)
    // It is open until here: a value that is not used again may go early.
    _ = consume file
    return try result.get()
  }

  public static let write: @convention(c) (Int32, UnsafeRawPointer?, Int) -> Int = { file, bytes, count in
    unsafe clinux_reserved_write(file, bytes, count)
  }

  public static let positionedWrite: @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int = {
    file, bytes, count, offset in
    unsafe clinux_reserved_pwrite(file, bytes, count, offset)
  }
}
