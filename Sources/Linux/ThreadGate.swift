/// Serialises work of this process's threads: sem_overview(7).
public final class ThreadGate: Sendable {
  private let semaphore = Semaphore()

  /// An open gate.
  public init() { semaphore.signal() }

  /// Runs `body` while no other thread runs in this gate.
  /// - Throws: The error of `body`.
  public func alone<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    semaphore.wait()
    defer { semaphore.signal() }
    return try body()
  }
}
