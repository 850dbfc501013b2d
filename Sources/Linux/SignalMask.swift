import Glibc

/// Signals that ask a process to end, held back while it does what must not be cut short: pthread_sigmask(3).
public enum SignalMask {
  /// Runs `body` on the calling thread with SIGHUP, SIGINT, SIGQUIT and SIGTERM blocked. One that arrives meanwhile takes
  /// effect when this returns.
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

  /// Whether one is being held back: sigpending(2).
  public static var isTerminationPending: Bool {
    var pending = sigset_t()
    return unsafe sigpending(&pending) == 0 && termination.contains { unsafe sigismember(&pending, $0) == 1 }
  }

  private static let termination = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
}
