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
  /// - Throws: `SystemError` when that cannot be found out (EMFILE, ENOMEM), which does not mean that it has ended.
  public init?(running pid: Int32) throws(SystemError) {
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try File.read("/proc/\(pid)/stat") } catch {
      // The second for one that ends while its file is open.
      if error.errno == .noSuchFile || error.errno == .noSuchProcess { return nil }
      throw error
    }
    // The command's name, field 2, is in parentheses and may hold anything, parentheses too.
    guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[bytes.index(after: close)...].split(separator: UInt8(ascii: " "))
    // A zombie (state Z) or a dead process (X) has already let go of its devices.
    guard fields.count > 19, let state = fields[0].first, state != UInt8(ascii: "Z"), state != UInt8(ascii: "X"),
      let startTime = UInt64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    self.init(pid: pid, startTime: startTime)
  }

  public var isAlive: Bool {
    get throws(SystemError) { try ProcessIdentity(running: pid) == self }
  }
}
