public import Glibc

/// Waits for file descriptors: poll(2).
public enum Poll {
  /// Blocks the calling thread until the fd is readable or its other end is closed, for at most `limit`.
  /// - Returns: false if the time is over.
  /// - Throws: `KernelError` of poll(2), except EINTR.
  public static func isReadable(_ descriptor: Int32, within limit: Duration) throws(KernelError) -> Bool {
    var entries = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    return try wait(&entries, within: limit) > 0
  }

  /// Blocks the calling thread until one of `entries` is ready, for at most `limit`. Signals do not interrupt it.
  /// - Returns: The number of ready entries, as `revents` shows; 0 if the time is over.
  /// - Throws: `KernelError` of poll(2), except EINTR.
  public static func wait(_ entries: inout [pollfd], within limit: Duration) throws(KernelError) -> Int {
    let deadline = ContinuousClock.now + limit
    while true {
      let remaining = max(.zero, deadline - ContinuousClock.now)
      let timeout = milliseconds(remaining)
      let ready = unsafe entries.withUnsafeMutableBufferPointer { buffer in
        unsafe poll(buffer.baseAddress, nfds_t(buffer.count), timeout)
      }
      if ready > 0 { return Int(ready) }
      if ready < 0, Errno.current != .interrupted { throw KernelError("poll", .current) }
      if ready == 0, ContinuousClock.now >= deadline { return 0 }
    }
  }

  /// Rounds up, so that the last fraction of a millisecond is not spent spinning. At most what poll(2) accepts.
  private static func milliseconds(_ duration: Duration) -> Int32 {
    guard duration < .seconds(Int32.max / 1000) else { return .max }
    let (seconds, attoseconds) = duration.components
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
