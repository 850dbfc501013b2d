import Glibc

/// Identifies a process. The start time distinguishes it from a later process with the same id, the namespace from a
/// process with the same id in another PID namespace.
public struct ProcessIdentity: Hashable, Sendable {
  /// The process id.
  public var pid: Int32
  /// The start time, field 22 of /proc/PID/stat: clock ticks since boot.
  public var startTime: UInt64
  /// The PID namespace of `pid`; nil if it was not recorded.
  public var namespace: PIDNamespace?

  /// The process with this id and start time.
  public init(pid: Int32, startTime: UInt64, namespace: PIDNamespace? = nil) {
    self.pid = pid
    self.startTime = startTime
    self.namespace = namespace
  }

  /// Looks up the running process `pid`. Returns nil if there is none.
  /// - Throws: `KernelError` if this is unknown: EMFILE, EIO; ENOENT if /proc hides other users' processes, is not mounted,
  ///   or is that of another PID namespace.
  public init?(running pid: Int32) throws(KernelError) {
    guard pid > 0, let bytes = try Self.status(of: pid) else { return nil }
    self.init(pid: pid, stat: bytes)
    guard let own = PIDNamespace.own else {
      throw KernelError("look up process \(pid): /proc is that of another PID namespace", .noSuchFile)
    }
    namespace = own
  }

  /// Parses /proc/PID/stat: proc_pid_stat(5). Returns nil if the text is malformed or the process has ended.
  init?(pid: Int32, stat: [UInt8]) {
    // Field 2, the command's name, is in parentheses and may contain any byte, even parentheses.
    guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: UInt8(ascii: " "))
    // A zombie (state Z) or a dead process (X) has already released its devices.
    guard fields.count > 19, let state = fields[0].first, state != UInt8(ascii: "Z"), state != UInt8(ascii: "X"),
      let startTime = UInt64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    self.init(pid: pid, startTime: startTime)
  }

  /// Returns the parent's process id; nil if there is no process `pid`.
  /// - Throws: The errors of `init(running:)`.
  public static func parent(of pid: Int32) throws(KernelError) -> Int32? {
    guard pid > 0, let bytes = try status(of: pid), let close = bytes.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    let fields = bytes[bytes.index(after: close)...].split(separator: UInt8(ascii: " "))
    return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
  }

  private static func status(of pid: Int32) throws(KernelError) -> [UInt8]? {
    do throws(KernelError) { return try File.read("/proc/\(pid)/stat") } catch {
      guard [.noSuchFile, .noSuchProcess].contains(error.errno) else { throw error }
      // /proc may hide a process that exists: ask kill(2).
      guard kill(pid, 0) != 0, Errno.current == .noSuchProcess else { throw error }
      return nil
    }
  }

  /// The state of a process that was seen before.
  public enum Standing: Hashable, Sendable {
    /// The process is running.
    case running
    /// The process has ended.
    case ended
    /// The process is of another PID namespace, in which its id means another process or none.
    case unknown
  }

  /// Looks up the state of the process.
  /// - Throws: The errors of `init(running:)`.
  public func standing() throws(KernelError) -> Standing {
    if let namespace, namespace != PIDNamespace.own { return .unknown }
    return try ProcessIdentity(running: pid)?.startTime == startTime ? .running : .ended
  }

  /// False only if the process has ended for certain. If its state is unknown this is true: taking what a running process
  /// uses is worse than keeping it.
  public var isAlive: Bool { (try? standing()) != .ended }
}
