import CLinux
import Glibc
import Synchronization

/// A dedicated thread, for system calls that block or that change the thread itself: pthreads(7).
///
/// It runs one closure and ends. It is detached.
public enum DetachedThread {
  /// Starts a thread that runs `body`.
  /// - Parameters:
  ///   - name: The name in ps(1) and /proc/PID/task/TID/comm, cut to 15 bytes.
  ///   - body: The closure.
  /// - Throws: `KernelError` of pthread_create(3): EAGAIN if there are too many threads.
  public static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(KernelError) {
    let work = unsafe Unmanaged.passRetained(Work(name: name, body: body))
    var thread = pthread_t()
    let error = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        _ = unsafe work.name.withCString { unsafe clinux_set_thread_name($0) }
        work.body()
        return nil
      }, work.toOpaque())
    guard error == 0 else {
      unsafe work.release()
      throw KernelError("pthread_create", Errno(rawValue: error))
    }
    pthread_detach(thread)
  }

  /// Runs `body` on a new thread and waits for its result, so that `body` cannot change the calling thread.
  /// - Throws: `KernelError` of pthread_create(3): EAGAIN if there are too many threads.
  public static func run<Result: Sendable>(
    name: String, _ body: @escaping @Sendable () -> Result
  ) throws(KernelError) -> Result {
    let outcome = Handover<Result>()
    try start(name: name) { outcome.give(body()) }
    return outcome.take()
  }

  private final class Work: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}
