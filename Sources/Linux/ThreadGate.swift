/// Keeps the threads of this process from doing something at the same time: sem_overview(7).
public final class ThreadGate: Sendable {
  private let semaphore = Semaphore()

  public init() { semaphore.signal() }

  /// Runs `body` while no other thread runs one here.
  public func alone<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    semaphore.wait()
    defer { semaphore.signal() }
    return try body()
  }
}
