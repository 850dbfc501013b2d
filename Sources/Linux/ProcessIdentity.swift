import Glibc

/// A process told apart from a later one with the same id by its start time.
public struct ProcessIdentity: Hashable, Sendable {
  public var pid: Int32
  /// Field 22 of /proc/PID/stat: clock ticks since boot.
  public var startTime: UInt64

  public init(pid: Int32, startTime: UInt64) {
    self.pid = pid
    self.startTime = startTime
  }

  /// The running process `pid`; nil when there is none.
  /// - Throws: `SystemError` when that cannot be told: EMFILE, EIO; ENOENT where /proc hides other users' processes, or
  ///   is not mounted.
  public init?(running pid: Int32) throws(SystemError) {
    guard pid > 0, let bytes = try Self.status(of: pid) else { return nil }
    self.init(pid: pid, stat: bytes)
  }

  /// The process whose /proc/PID/stat this is; nil where it is none, or one that has ended: proc_pid_stat(5).
  init?(pid: Int32, stat: [UInt8]) {
    // The command's name, field 2, is in parentheses and may hold anything, parentheses too.
    guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: UInt8(ascii: " "))
    // A zombie (state Z) or a dead process (X) has already let go of its devices.
    guard fields.count > 19, let state = fields[0].first, state != UInt8(ascii: "Z"), state != UInt8(ascii: "X"),
      let startTime = UInt64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    self.init(pid: pid, startTime: startTime)
  }

  /// The process that `pid` is a child of; nil where there is no such process.
  /// - Throws: As `init(running:)` does.
  public static func parent(of pid: Int32) throws(SystemError) -> Int32? {
    guard pid > 0, let bytes = try status(of: pid), let close = bytes.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    let fields = bytes[bytes.index(after: close)...].split(separator: UInt8(ascii: " "))
    return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
  }

  private static func status(of pid: Int32) throws(SystemError) -> [UInt8]? {
    do throws(SystemError) { return try File.read("/proc/\(pid)/stat") } catch {
      guard [.noSuchFile, .noSuchProcess].contains(error.errno) else { throw error }
      // What /proc does not show may be there all the same: kill(2) tells.
      guard kill(pid, 0) != 0, Errno.current == .noSuchProcess else { throw error }
      return nil
    }
  }

  /// One that cannot be looked at counts as alive: taking what a running process uses is worse than keeping it.
  public var isAlive: Bool {
    do throws(SystemError) { return try ProcessIdentity(running: pid) == self } catch { return true }
  }
}
