import Synchronization

/// A thread in a network namespace that runs functions for other threads: setns(2).
///
/// A new thread starts in the namespace of the thread that creates it, and Swift's runtime creates its pool threads on
/// whichever thread resumes a task. So a thread that has changed its namespace must never resume a task. This thread
/// runs only functions without suspension points, and returns their results through memory only.
///
/// The thread ends when this object is released.
public final class NamespaceThread: Sendable {
  private let calls = Calls()
  /// Held by the caller whose function runs.
  private let turn = Mutex(())

  /// Starts the thread. Returns when it is in the namespace.
  /// - Parameters:
  ///   - name: The name in ps(1), cut to 15 bytes.
  ///   - namespace: The network namespace.
  /// - Throws: `KernelError`: EAGAIN if there are too many threads; EPERM without CAP_SYS_ADMIN over the namespace.
  public init(name: String, namespace: consuming NetworkNamespace) throws(KernelError) {
    let calls = calls
    // Once the thread is in the namespace, the fd is no longer needed, and the thread closes it.
    let namespace = Mutex<NetworkNamespace?>(namespace)
    let entry = Handover<Result<Void, KernelError>>()
    try DetachedThread.start(name: name) {
      let result = namespace.withLock { namespace in
        let namespace = namespace.take()
        return Result { () throws(KernelError) -> Void in try namespace?.enter() }
      }
      entry.give(result)
      guard case .success = result else { return }
      calls.run()
    }
    try entry.take().get()
  }

  deinit { calls.end() }

  /// Runs `body` on the thread and waits for it. Concurrent calls run one after another.
  /// - Throws: The error of `body`.
  public func run<Value, Failure: Error>(
    _ body: @escaping () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    // The caller waits, so no two threads use this at the same time.
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) var result: Result<Value, Failure>?
    turn.withLock { _ in calls.runOnThread { unsafe result = Result(catching: body) } }
    // runOnThread returns only after the function has set the result.
    guard let result = unsafe result else { preconditionFailure("a function without a result") }
    return try result.get()
  }

  /// Runs `body` on the thread that waits in `run`: for functions that must not run in the namespace, above all those of a
  /// caller. Only valid within `run`.
  public func outside(_ body: @escaping () -> Void) {
    nonisolated(unsafe) let body = body
    calls.runOnCaller { unsafe body() }
  }
}

extension NamespaceThread {
  /// Passes functions between the thread and the caller that waits for it.
  private final class Calls: Sendable {
    typealias Call = @Sendable () -> Void

    private let next = Mutex<Call?>(nil)
    private let request = Mutex<Call?>(nil)
    private let toThread = Semaphore()
    private let toCaller = Semaphore()

    /// Runs on the thread until `end`.
    func run() {
      while true {
        toThread.wait()
        guard let call = next.withLock({ $0.take() }) else { return }
        call()
        toCaller.signal()
      }
    }

    func end() { toThread.signal() }

    func runOnThread(_ call: @escaping Call) {
      next.withLock { $0 = call }
      toThread.signal()
      while true {
        toCaller.wait()
        guard let request = request.withLock({ $0.take() }) else { return }
        request()
        toThread.signal()
      }
    }

    func runOnCaller(_ call: @escaping Call) {
      request.withLock { $0 = call }
      toCaller.signal()
      toThread.wait()
    }
  }
}
