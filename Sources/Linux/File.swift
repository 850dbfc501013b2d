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

  /// The bytes of `path`, at most `limit` of them.
  public static func read(_ path: String, limit: Int = 1 << 20) throws(SystemError) -> [UInt8] {
    let file = try open(path)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(file.rawValue, $0.baseAddress, $0.count) }
      if count < 0 {
        if Errno.current == .interrupted { continue }
        throw SystemError("read \(path)", .current)
      }
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

  /// Writes `text` in one write(2), as /proc/sys wants it.
  public static func write(_ text: String, to path: String) throws(SystemError) {
    let file = try open(path, flags: O_WRONLY)
    let bytes = Array(text.utf8)
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file.rawValue, $0.baseAddress, $0.count) }
    guard count >= 0 else { throw SystemError("write \(path)", .current) }
    guard count == bytes.count else { throw SystemError("write \(path)", .ioError) }
    try file.close()
  }
}
