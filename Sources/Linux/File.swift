import CLinux
public import Glibc

/// Small files, read and written whole: /proc and /sys entries.
public enum File {
  /// Opens `path`: open(2) with O_CLOEXEC.
  /// - Throws: `KernelError` of open(2).
  public static func open(
    _ path: String, flags: Int32 = O_RDONLY, mode: UInt32 = 0
  ) throws(KernelError) -> OwnedFileDescriptor {
    let descriptor = unsafe path.withCString { unsafe clinux_open($0, flags, mode) }
    return OwnedFileDescriptor(owning: try valueOrError(descriptor, "open \(path)"))
  }

  /// Locks an open file exclusively, and waits for other holders: flock(2). Closing the fd releases the lock.
  /// - Throws: `KernelError` of flock(2).
  public static func lock(_ file: borrowing OwnedFileDescriptor, _ path: String) throws(KernelError) {
    _ = try valueOrError(clinux_lock_whole(file.rawValue), "flock \(path)")
  }

  /// Returns the bytes of `path`, at most `limit`.
  /// - Throws: `KernelError` of open(2) or read(2).
  public static func read(_ path: String, limit: Int = 1 << 20) throws(KernelError) -> [UInt8] {
    let file = try open(path)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let result = unsafe chunk.withUnsafeMutableBytes { unsafe clinux_read(file.rawValue, $0.baseAddress, $0.count) }
      let count = try valueOrError(result, "read \(path)")
      if count == 0 { break }
      bytes += chunk[..<min(count, limit - bytes.count)]
    }
    return bytes
  }

  /// Returns the text of `path` without its last newline; at most 1 MiB.
  /// - Throws: `KernelError` of open(2) or read(2).
  public static func readLine(_ path: String) throws(KernelError) -> String {
    var bytes = try read(path)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// One write(2) to an open fd.
  /// - Returns: The number of bytes written.
  /// - Throws: `KernelError` of write(2).
  public static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(KernelError) -> Int {
    let count = unsafe bytes.withUnsafeBytes { unsafe clinux_write(descriptor, $0.baseAddress, $0.count) }
    return try valueOrError(count, "write")
  }

  /// Writes `text` in one write(2), as /proc/sys requires.
  /// - Throws: `KernelError` of open(2), write(2) or close(2); EIO if the kernel takes only part of the text.
  public static func write(_ text: String, to path: String) throws(KernelError) {
    let file = try open(path, flags: O_WRONLY)
    let bytes = Array(text.utf8)
    let result = unsafe bytes.withUnsafeBytes { unsafe clinux_write(file.rawValue, $0.baseAddress, $0.count) }
    guard try valueOrError(result, "write \(path)") == bytes.count else { throw KernelError("write \(path)", .ioError) }
    try file.close()
  }
}
