import Linux
import Synchronization

/// Keeps children from being started while a descriptor is closed.
///
/// Between fork and exec a child holds copies of all descriptors of the process. A TAP that is closed just then is still
/// held for some microseconds, and whoever attaches to it next gets EBUSY. What is closed under this lock is closed.
enum ForkLock {
  private static let lock = Mutex(())

  static func start(
    _ arguments: [String], environment: [String: String]?, files: borrowing CommandFiles, deathSignal: Int32
  ) throws(KernelError) -> ChildProcess {
    let streams = files.streams
    return try lock.withLock { _ throws(KernelError) in
      try ChildProcess(
        arguments, environment: environment.map { $0.map { "\($0)=\($1)" } }, streams: streams,
        parentDeathSignal: deathSignal)
    }
  }

  static func close(_ close: () -> Void) { lock.withLock { _ in close() } }
}
