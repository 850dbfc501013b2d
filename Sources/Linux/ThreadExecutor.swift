import Glibc
import Synchronization

/// An executor with a dedicated thread.
///
/// An actor with this as its `unownedExecutor` runs all its jobs on that thread, so that blocking system calls never hold
/// up Swift's thread pool. Jobs run in the order in which they were enqueued.
/// ```swift
/// actor Host {
///   private let executor: ThreadExecutor
///   nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }
/// }
/// ```
/// The thread ends when the executor has been released and its last job has run. At the end of a job it resumes the tasks
/// that wait for it, and Swift's runtime may create a pool thread there, in the network namespace of this thread. So the
/// thread runs in the namespace of the process, wherever the executor was created. For work in another namespace use
/// `NamespaceThread`.
public final class ThreadExecutor: SerialExecutor {
  private let queue: JobQueue
  private let thread: pthread_t

  /// Starts the thread. Returns when it runs in the namespace of the process.
  /// - Parameter name: The name in ps(1), cut to 15 bytes.
  /// - Throws: `KernelError`: EAGAIN if there are too many threads; EPERM without CAP_SYS_ADMIN if the calling thread is in
  ///   another network namespace than the process.
  public init(name: String) throws(KernelError) {
    let queue = JobQueue()
    let start = Handover<Result<pthread_t, KernelError>>()
    try DetachedThread.start(name: name) {
      let result = Result { () throws(KernelError) in
        try NetworkNamespace.enterThatOfProcess()
        return pthread_self()
      }
      start.give(result)
      guard case .success = result else { return }
      while queue.runNext() {}
    }
    thread = try start.take().get()
    self.queue = queue
  }

  deinit { queue.close() }

  /// Appends a job to the thread's queue.
  public func enqueue(_ job: consuming ExecutorJob) {
    queue.append(UnownedJob(job), of: self)
  }

  /// Returns true if the caller runs on this executor's thread.
  public func isIsolatingCurrentContext() -> Bool? {
    pthread_equal(thread, pthread_self()) != 0
  }

  /// Traps unless the caller runs on this executor's thread.
  public func checkIsolated() {
    precondition(pthread_equal(thread, pthread_self()) != 0, "not on the thread of this executor")
  }
}

extension ThreadExecutor {
  /// The jobs that wait for the thread.
  private final class JobQueue: Sendable {
    private struct State {
      var jobs: [UnownedJob] = []
      /// Set while there are jobs, so that the executor exists as long as they run. So the thread itself may release the
      /// executor last.
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

    /// Waits for jobs and runs all of them.
    /// - Returns: false if there are none and none will come.
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
