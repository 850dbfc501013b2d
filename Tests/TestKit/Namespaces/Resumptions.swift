public import Linux
import Synchronization

/// Runs tasks, and notes in which network namespaces the threads are that resume them: `withTaskExecutorPreference`.
///
/// Swift's runtime makes the threads of its pool on whichever thread resumes a task, so none of these may have moved.
public final class Resumptions: TaskExecutor {
  private let seen = Mutex<Set<NetworkNamespace.Identity>>([])

  public init() {}

  public var namespaces: Set<NetworkNamespace.Identity> { seen.withLock { $0 } }

  public func enqueue(_ job: consuming ExecutorJob) {
    if let namespace = try? NetworkNamespace.current().identity() { seen.withLock { _ = $0.insert(namespace) } }
    let job = UnownedJob(job)
    // On a thread that ends: the pool's would hide who made them.
    try? DetachedThread.start(name: "resumed") {
      try? NetworkNamespace.ofProcess().enter()
      unsafe job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }
}
