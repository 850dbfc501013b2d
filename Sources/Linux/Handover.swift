import Synchronization

/// A value that one thread passes to another thread, which waits for it.
package final class Handover<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let isThere = Semaphore()

  /// A handover without a value.
  package init() {}

  /// Passes the value and wakes the thread that waits.
  package func give(_ new: Value) {
    value.withLock { $0 = new }
    isThere.signal()
  }

  /// Waits for the value and returns it. Call this only once.
  package func take() -> Value {
    while true {
      isThere.wait()
      if let value = value.withLock({ $0.take() }) { return value }
    }
  }
}
