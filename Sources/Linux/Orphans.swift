import CLinux
import Glibc

/// Adopts orphaned descendants of this process: PR_SET_CHILD_SUBREAPER of prctl(2). As long as this value exists, they
/// become children of this process, which must reap them.
public struct Orphans: ~Copyable {
  /// Starts to adopt orphans.
  /// - Throws: `KernelError` of prctl(2).
  public init() throws(KernelError) { _ = try valueOrError(clinux_adopt_orphans(1), "prctl PR_SET_CHILD_SUBREAPER") }

  deinit { _ = clinux_adopt_orphans(0) }

  /// Reaps the children that have ended.
  /// - Parameter kept: A child that other code waits for; nil for none.
  /// - Returns: true if there are children left.
  /// - Throws: `KernelError` of waitid(2), except ECHILD.
  @discardableResult
  public func reap(but kept: Int32? = nil) throws(KernelError) -> Bool {
    while true {
      let result = clinux_reap_other(kept ?? 0)
      if result == -ECHILD { return false }
      guard try valueOrError(result, "wait for a child") > 0 else { return true }
    }
  }

  /// Sends a signal to each child.
  /// - Returns: The number of children that got the signal.
  /// - Throws: `KernelError` if /proc cannot be read or the signal cannot be sent.
  @discardableResult
  public func kill(_ signal: Int32) throws(KernelError) -> Int {
    var count = 0
    for pid in try OtherProcess.all() where try ProcessIdentity.parent(of: pid) == getpid() {
      guard let process = try OtherProcess(pid: pid), try process.kill(signal) else { continue }
      count += 1
    }
    return count
  }
}
