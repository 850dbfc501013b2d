import Synchronization

/// A value that one thread gives another, which blocks until then.
package final class Handover<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let isThere = Semaphore()

  package init() {}

  package func give(_ new: Value) {
    value.withLock { $0 = new }
    isThere.signal()
  }

  /// Once.
  package func take() -> Value {
    while true {
      isThere.wait()
      if let value = value.withLock({ $0.take() }) { return value }
    }
  }
}
