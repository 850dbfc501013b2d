import CLinux
public import Glibc

/// Whole small files: /proc and /sys entries.
public enum File {
  /// Opens `path`: open(2) with O_CLOEXEC.
  public static func open(
    _ path: String, flags: Int32 = O_RDONLY, mode: UInt32 = 0
  ) throws(SystemError) -> OwnedFileDescriptor {
    let descriptor = unsafe path.withCString { unsafe clinux_open($0, flags, mode) }
    return OwnedFileDescriptor(owning: try valueOrError(descriptor, "open \(path)"))
  }

  /// Locks the whole of an open file, alone, and waits for those who have it: flock(2). The lock goes with the descriptor.
  public static func lock(_ file: borrowing OwnedFileDescriptor, _ path: String) throws(SystemError) {
    _ = try valueOrError(clinux_lock_whole(file.rawValue), "flock \(path)")
  }

  /// The bytes of `path`, at most `limit` of them.
  public static func read(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
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

  /// The text of `path` without its last newline.
  public static func readLine(_ path: String) throws(SystemError) -> String {
    var bytes = try read(path)
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// One write(2) to an open descriptor.
  /// - Returns: how many of the bytes were taken.
  public static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(SystemError) -> Int {
    let count = unsafe bytes.withUnsafeBytes { unsafe clinux_write(descriptor, $0.baseAddress, $0.count) }
    return try valueOrError(count, "write")
  }

  /// Writes `text` in one write(2), as /proc/sys wants it.
  public static func write(_ text: String, to path: String) throws(SystemError) {
    let file = try open(path, flags: O_WRONLY)
    let bytes = Array(text.utf8)
    let result = unsafe bytes.withUnsafeBytes { unsafe clinux_write(file.rawValue, $0.baseAddress, $0.count) }
    guard try valueOrError(result, "write \(path)") == bytes.count else { throw SystemError("write \(path)", .ioError) }
    try file.close()
  }
}
