import Linux

extension ProcessIdentity {
  /// The running process `pid`; nil when there is none.
  static func find(_ pid: Int32) throws(TapestryError) -> ProcessIdentity? {
    do throws(SystemError) { return try ProcessIdentity(running: pid) } catch { throw TapestryError(error) }
  }

  func isRunning() throws(TapestryError) -> Bool { try Self.find(pid) == self }
}
