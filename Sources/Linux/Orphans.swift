import CLinux
import Glibc

/// Descendants of this process whose parents have ended: prctl(2), PR_SET_CHILD_SUBREAPER. They become its children, and
/// are its to reap, as long as this value lives.
public struct Orphans: ~Copyable {
  public init() throws(SystemError) { _ = try valueOrError(clinux_adopt_orphans(1), "prctl PR_SET_CHILD_SUBREAPER") }

  deinit { _ = clinux_adopt_orphans(0) }

  /// Reaps those that have ended.
  /// - Parameter kept: A child that somebody else waits for; nil for none.
  /// - Returns: whether there are children left.
  @discardableResult
  public func reap(but kept: Int32? = nil) throws(SystemError) -> Bool {
    while true {
      let result = clinux_reap_other(kept ?? 0)
      if result == -ECHILD { return false }
      guard try valueOrError(result, "wait for a child") > 0 else { return true }
    }
  }

  /// Sends a signal to each.
  /// - Returns: how many there are.
  @discardableResult
  public func kill(_ signal: Int32) throws(SystemError) -> Int {
    var count = 0
    for pid in try OtherProcess.all() where try ProcessIdentity.parent(of: pid) == getpid() {
      guard let process = try OtherProcess(pid: pid), try process.kill(signal) else { continue }
      count += 1
    }
    return count
  }
}
