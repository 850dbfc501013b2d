import Glibc

/// A process told apart from a later one with the same id by its start time, and from one of another PID namespace with
/// the same id by that namespace.
public struct ProcessIdentity: Hashable, Sendable {
  public var pid: Int32
  /// Field 22 of /proc/PID/stat: clock ticks since boot.
  public var startTime: UInt64
  /// The one that `pid` counts in; nil where nobody has noted it.
  public var namespace: PIDNamespace?

  public init(pid: Int32, startTime: UInt64, namespace: PIDNamespace? = nil) {
    self.pid = pid
    self.startTime = startTime
    self.namespace = namespace
  }

  /// The running process `pid`; nil when there is none.
  /// - Throws: `SystemError` when that cannot be told: EMFILE, EIO; ENOENT where /proc hides other users' processes, is
  ///   not mounted, or is that of another PID namespace.
  public init?(running pid: Int32) throws(SystemError) {
    guard pid > 0, let bytes = try Self.status(of: pid) else { return nil }
    self.init(pid: pid, stat: bytes)
    guard let own = PIDNamespace.own else {
      throw SystemError("look at process \(pid) in /proc, which is not this process's own", .noSuchFile)
    }
    namespace = own
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

  /// What can be said of a process that was seen before.
  public enum Standing: Hashable, Sendable {
    case running
    case ended
    /// It is of another PID namespace, where its id means another process, or none.
    case unknown
  }

  /// - Throws: As `init(running:)` does.
  public func standing() throws(SystemError) -> Standing {
    if let namespace, namespace != PIDNamespace.own { return .unknown }
    return try ProcessIdentity(running: pid)?.startTime == startTime ? .running : .ended
  }

  /// One that cannot be looked at counts as alive: taking what a running process uses is worse than keeping it.
  public var isAlive: Bool { (try? standing()) != .ended }
}
