import Glibc
import Linux

/// A descriptor with several owners, closed when the last lets go. It is not blocking.
final class SharedDescriptor: Sendable {
  private let descriptor: OwnedFileDescriptor

  init(owning descriptor: consuming OwnedFileDescriptor) { self.descriptor = descriptor }

  var rawValue: Int32 { descriptor.rawValue }

  /// One message, of at most `limit` bytes; nil when there is none now.
  func read(limit: Int = 65_600) throws(KernelError) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(rawValue, $0.baseAddress, $0.count) }
    guard count >= 0 else {
      let error = Errno(rawValue: errno)
      if error == .again || error == .interrupted { return nil }
      throw KernelError("read", error)
    }
    bytes.removeLast(limit - count)
    return bytes
  }

  /// One message.
  func write(_ bytes: [UInt8]) throws(KernelError) {
    let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(rawValue, $0.baseAddress, $0.count) }
    guard count == bytes.count else {
      throw KernelError("write \(bytes.count) bytes", count < 0 ? Errno(rawValue: errno) : .ioError)
    }
  }
}
