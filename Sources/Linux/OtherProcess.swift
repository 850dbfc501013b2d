import CLinux
import Glibc

/// A process that is not a child of this one, held by a pidfd: pidfd_open(2). Everything read from it and sent to it
/// concerns this process, even if another one gets its id later.
public struct OtherProcess: ~Copyable, Sendable {
  /// The process id.
  public let pid: Int32
  private let descriptor: OwnedFileDescriptor

  /// Opens a pidfd.
  /// - Returns: nil if there is no such process.
  /// - Throws: `KernelError` of pidfd_open(2), except ESRCH and EINVAL.
  public init?(pid: Int32) throws(KernelError) {
    guard pid > 0 else { return nil }
    let descriptor = clinux_pidfd_open(pid)
    // EINVAL: the id of a thread that is not the leader of its process.
    if [-ESRCH, -EINVAL].contains(descriptor) { return nil }
    self.descriptor = OwnedFileDescriptor(owning: try valueOrError(descriptor, "pidfd_open \(pid)"))
    self.pid = pid
  }

  /// Returns the command line, /proc/PID/cmdline; empty for a kernel thread and for a process that has ended.
  /// - Throws: `KernelError` of open(2) or read(2), except ENOENT and ESRCH.
  public func arguments() throws(KernelError) -> [String] {
    var bytes: [UInt8]
    do throws(KernelError) { bytes = try File.read("/proc/\(pid)/cmdline") } catch {
      guard [.noSuchFile, .noSuchProcess].contains(error.errno) else { throw error }
      return []
    }
    // If the process has ended meanwhile and its id was reused, these are the arguments of another process.
    guard try !hasEnded(within: .zero) else { return [] }
    if bytes.last == 0 { bytes.removeLast() }
    guard !bytes.isEmpty else { return [] }
    return bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Sends a signal: pidfd_send_signal(2).
  /// - Returns: false if the process has ended.
  /// - Throws: `KernelError`: EPERM without the privilege to signal the process.
  @discardableResult
  public func kill(_ signal: Int32) throws(KernelError) -> Bool {
    let result = clinux_pidfd_send_signal(descriptor.rawValue, signal)
    if result == -ESRCH { return false }
    _ = try valueOrError(result, "send signal \(signal) to \(pid)")
    return true
  }

  /// Blocks the calling thread until the process has ended, for at most `limit`.
  /// - Returns: true if the process has ended.
  /// - Throws: `KernelError` of poll(2).
  public func hasEnded(within limit: Duration) throws(KernelError) -> Bool {
    try Poll.isReadable(descriptor.rawValue, within: limit)
  }

  /// Returns the ids of all processes in /proc, in ascending order.
  /// - Throws: `KernelError` of opendir(3).
  public static func all() throws(KernelError) -> [Int32] {
    try Directory.names("/proc").compactMap { Int32($0) }.sorted()
  }
}
