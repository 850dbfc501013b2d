import Glibc

/// A POSIX semaphore: sem_overview(7).
@safe
final class Semaphore: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    unsafe semaphore.initialize(to: sem_t())
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  /// Adds one to the count and wakes a waiting thread: sem_post(3).
  func signal() { unsafe sem_post(semaphore) }

  /// Blocks the calling thread until the count is above zero, and subtracts one: sem_wait(3).
  func wait() {
    while unsafe sem_wait(semaphore) != 0, Errno.current == .interrupted {}
  }
}
