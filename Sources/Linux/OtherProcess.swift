import CLinux
import Glibc

/// A process that this one has not started, held by a pidfd: what is found out of it, and what is sent to it, concern the
/// same process, whoever gets its id later. pidfd_open(2)
public struct OtherProcess: ~Copyable, Sendable {
  public let pid: Int32
  private let descriptor: OwnedFileDescriptor

  /// - Returns: nil when there is none.
  public init?(pid: Int32) throws(SystemError) {
    guard pid > 0 else { return nil }
    let descriptor = clinux_pidfd_open(pid)
    // EINVAL: a thread that leads no process.
    if [-ESRCH, -EINVAL].contains(descriptor) { return nil }
    self.descriptor = OwnedFileDescriptor(owning: try valueOrError(descriptor, "pidfd_open \(pid)"))
    self.pid = pid
  }

  /// Its command line, /proc/PID/cmdline; empty for the kernel's threads, and when it has ended.
  public func arguments() throws(SystemError) -> [String] {
    var bytes: [UInt8]
    do throws(SystemError) { bytes = try File.read("/proc/\(pid)/cmdline") } catch {
      guard [.noSuchFile, .noSuchProcess].contains(error.errno) else { throw error }
      return []
    }
    // What was read is another's where this one has ended, and its id was given away, meanwhile.
    guard try !hasEnded(within: .zero) else { return [] }
    if bytes.last == 0 { bytes.removeLast() }
    guard !bytes.isEmpty else { return [] }
    return bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// - Returns: false when it has ended.
  @discardableResult
  public func kill(_ signal: Int32) throws(SystemError) -> Bool {
    let result = clinux_pidfd_send_signal(descriptor.rawValue, signal)
    if result == -ESRCH { return false }
    _ = try valueOrError(result, "send signal \(signal) to \(pid)")
    return true
  }

  /// Blocks the calling thread until it has ended, for at most `limit`.
  public func hasEnded(within limit: Duration) throws(SystemError) -> Bool {
    try Poll.isReadable(descriptor.rawValue, within: limit)
  }

  /// The ids of all that /proc shows.
  public static func all() throws(SystemError) -> [Int32] {
    try Directory.names("/proc").compactMap { Int32($0) }.sorted()
  }
}
