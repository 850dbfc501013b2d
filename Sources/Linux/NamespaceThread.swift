import Synchronization

/// A thread that lives in a network namespace, and works there for others: setns(2).
///
/// A thread begins in the namespace of the one that makes it, and Swift's runtime makes those of its pool on whichever
/// thread resumes a task. So who has moved resumes none. This thread is handed functions without suspension points, and
/// what they return goes back by memory alone.
///
/// It ends when this is let go of.
public final class NamespaceThread: Sendable {
  private let errands = Errands()
  /// Held by the one whose function runs.
  private let turn = Mutex(())

  /// Starts the thread; returns when it is in the namespace.
  /// - Parameter name: What ps(1) shows of it, cut to 15 bytes.
  /// - Throws: `SystemError`: EAGAIN for too many threads, EPERM without CAP_SYS_ADMIN over the namespace.
  public init(name: String, namespace: consuming NetworkNamespace) throws(SystemError) {
    let errands = errands
    // Its descriptor is closed by the thread, which holds the namespace itself then.
    let entry = Entry(namespace)
    try DetachedThread.start(name: name) {
      guard entry.run() else { return }
      errands.run()
    }
    try entry.wait()
  }

  deinit { errands.end() }

  /// Runs `body` on the thread; the calling thread waits for it, whatever else calls this meanwhile.
  public func run<Value, Failure: Error>(
    _ body: @escaping () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    // The caller waits, so nothing of this is used by two threads at once.
    nonisolated(unsafe) let body = body
    nonisolated(unsafe) var result: Result<Value, Failure>?
    turn.withLock { _ in errands.carryOut { unsafe result = Result(catching: body) } }
    // Nobody returns from there without one.
    guard let result = unsafe result else { preconditionFailure("a function without a result") }
    return try result.get()
  }

  /// Runs `body` on the thread that waits for the end of `run`: for what is not to run in the namespace, a caller's own
  /// function above all. Only within `run`.
  public func outside(_ body: @escaping () -> Void) {
    nonisolated(unsafe) let body = body
    errands.askBack { unsafe body() }
  }
}

extension NamespaceThread {
  /// The first thing the thread does.
  private final class Entry: Sendable {
    private let namespace: Mutex<NetworkNamespace?>
    private let failure = Mutex<SystemError?>(nil)
    private let isOver = Semaphore()

    init(_ namespace: consuming NetworkNamespace) { self.namespace = Mutex(namespace) }

    func run() -> Bool {
      let failure = namespace.withLock { namespace -> SystemError? in
        let namespace = namespace.take()
        do throws(SystemError) { try namespace?.enter() } catch { return error }
        return nil
      }
      self.failure.withLock { $0 = failure }
      isOver.signal()
      return failure == nil
    }

    func wait() throws(SystemError) {
      isOver.wait()
      if let failure = failure.withLock({ $0 }) { throw failure }
    }
  }

  /// What goes to and fro between the thread and the one that waits for it.
  private final class Errands: Sendable {
    typealias Errand = @Sendable () -> Void

    private let next = Mutex<Errand?>(nil)
    private let request = Mutex<Errand?>(nil)
    private let toThread = Semaphore()
    private let toCaller = Semaphore()

    /// On the thread, until its owner lets go of it.
    func run() {
      while true {
        toThread.wait()
        guard let errand = next.withLock({ $0.take() }) else { return }
        errand()
        toCaller.signal()
      }
    }

    func end() { toThread.signal() }

    func carryOut(_ errand: @escaping Errand) {
      next.withLock { $0 = errand }
      toThread.signal()
      while true {
        toCaller.wait()
        guard let request = request.withLock({ $0.take() }) else { return }
        request()
        toThread.signal()
      }
    }

    func askBack(_ errand: @escaping Errand) {
      request.withLock { $0 = errand }
      toCaller.signal()
      toThread.wait()
    }
  }
}
