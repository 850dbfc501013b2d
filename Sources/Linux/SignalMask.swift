import Glibc

/// Defers signals that end the process during work that must not be interrupted: pthread_sigmask(3).
public enum SignalMask {
  /// Runs `body` on the calling thread with SIGHUP, SIGINT, SIGQUIT and SIGTERM blocked. A signal that arrives meanwhile is
  /// delivered when this returns.
  /// - Throws: The error of `body`.
  public static func deferringTermination<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    var blocked = sigset_t()
    var previous = sigset_t()
    unsafe sigemptyset(&blocked)
    for signal in termination { unsafe sigaddset(&blocked, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &blocked, &previous)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
    return try body()
  }

  /// True if one of these signals is pending: sigpending(2).
  public static var isTerminationPending: Bool {
    var pending = sigset_t()
    return unsafe sigpending(&pending) == 0 && termination.contains { unsafe sigismember(&pending, $0) == 1 }
  }

  private static let termination = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
}
