import Glibc
import Synchronization

/// An executor with a thread of its own.
///
/// An actor whose `unownedExecutor` it is runs all its work on that thread, so that system calls that block never hold up
/// Swift's pool. Jobs run in the order in which they were enqueued.
/// ```swift
/// actor Host {
///   private let executor: ThreadExecutor
///   nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
/// }
/// ```
/// The thread ends when the executor is let go of and its last job has run. At the end of a job it resumes whoever waits
/// for that, and Swift's runtime may make a thread of its pool there, in the thread's own network namespace. So that is
/// the process's, wherever the executor was made; work in another is a `NamespaceThread`'s.
public final class ThreadExecutor: SerialExecutor {
  private let queue: JobQueue
  private let thread: pthread_t

  /// Starts the thread. Returns when that is done.
  /// - Parameter name: What ps(1) shows of the thread, cut to 15 bytes.
  /// - Throws: `SystemError`: EAGAIN for too many threads; EPERM without CAP_SYS_ADMIN, where the calling thread is in
  ///   another network namespace than the process.
  public init(name: String) throws(SystemError) {
    let queue = JobQueue()
    let start = Start()
    try DetachedThread.start(name: name) {
      guard start.run() else { return }
      while queue.runNext() {}
    }
    thread = try start.wait().get()
    self.queue = queue
  }

  deinit { queue.close() }

  public func enqueue(_ job: consuming ExecutorJob) {
    queue.append(UnownedJob(job), of: self)
  }

  /// Whether the caller runs on this executor's thread.
  public func isIsolatingCurrentContext() -> Bool? {
    pthread_equal(thread, pthread_self()) != 0
  }

  /// Traps unless the caller runs on this executor's thread.
  public func checkIsolated() {
    precondition(pthread_equal(thread, pthread_self()) != 0, "not on the thread of this executor")
  }
}

extension ThreadExecutor {
  /// The first thing the thread does, and its answer to the thread that started it.
  private final class Start: Sendable {
    private let result = Mutex<Result<pthread_t, SystemError>?>(nil)
    private let isOver = Semaphore()

    /// Goes to the namespace of the process, if it has begun in another.
    func run() -> Bool {
      let outcome: Result<pthread_t, SystemError>
      do throws(SystemError) {
        try NetworkNamespace.enterThatOfProcess()
        outcome = .success(pthread_self())
      } catch {
        outcome = .failure(error)
      }
      result.withLock { $0 = outcome }
      isOver.signal()
      return (try? outcome.get()) != nil
    }

    func wait() -> Result<pthread_t, SystemError> {
      isOver.wait()
      return result.withLock { $0 } ?? .failure(SystemError("start a thread", .again))
    }
  }

  /// What waits to run on the thread.
  private final class JobQueue: Sendable {
    private struct State {
      var jobs: [UnownedJob] = []
      /// Held while there are jobs, so that the executor is there as long as they run. It may so be the thread itself
      /// that lets go of it last.
      var executor: ThreadExecutor?
      var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUps = Semaphore()

    func append(_ job: UnownedJob, of executor: ThreadExecutor) {
      let wasEmpty = state.withLock { state in
        let wasEmpty = state.jobs.isEmpty
        state.jobs.append(job)
        state.executor = executor
        return wasEmpty
      }
      if wasEmpty { wakeUps.signal() }
    }

    func close() {
      state.withLock { $0.isClosed = true }
      wakeUps.signal()
    }

    /// Waits for jobs and runs all there are.
    /// - Returns: false when there are none and never will be.
    func runNext() -> Bool {
      wakeUps.wait()
      let (jobs, executor, isClosed) = state.withLock { state in
        defer {
          state.jobs = []
          state.executor = nil
        }
        return (state.jobs, state.executor, state.isClosed)
      }
      guard let executor else { return !isClosed }
      withExtendedLifetime(executor) {
        for job in jobs { unsafe job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
      }
      return true
    }
  }
}
