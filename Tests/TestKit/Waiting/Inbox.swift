import Synchronization

/// What has arrived and was not taken yet, for tests that wait for something, or for nothing, in bounded time.
public final class Inbox<Element: Sendable>: Sendable {
  private struct Waiter {
    let id: Int
    let matches: @Sendable (Element) -> Bool
    let continuation: CheckedContinuation<Element?, Never>
  }

  private struct State {
    var elements: [Element] = []
    var waiters: [Waiter] = []
    var lastID = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// Hands `element` to the first who waits for it, or keeps it.
  func add(_ element: Element) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.matches(element) }) else {
        state.elements.append(element)
        return nil
      }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(returning: element)
  }

  /// Takes the first element that matches out of the inbox, the earliest first, and waits for one where there is none.
  /// - Returns: nil when none has come within `limit`.
  public func take(
    within limit: Duration, matching: @escaping @Sendable (Element) -> Bool = { _ in true }
  ) async -> Element? {
    await withCheckedContinuation { continuation in
      let (found, id) = state.withLock { state -> (Element?, Int) in
        if let index = state.elements.firstIndex(where: matching) { return (state.elements.remove(at: index), 0) }
        state.lastID += 1
        state.waiters.append(Waiter(id: state.lastID, matches: matching, continuation: continuation))
        return (nil, state.lastID)
      }
      guard found == nil else { return continuation.resume(returning: found) }
      Task { [weak self] in
        try? await Task.sleep(for: limit)
        self?.giveUp(id)
      }
    }
  }

  private func giveUp(_ id: Int) {
    let waiter = state.withLock { state -> Waiter? in
      state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume(returning: nil)
  }

  /// Takes all there is out of the inbox.
  @discardableResult
  public func takeAll() -> [Element] {
    state.withLock { state in
      defer { state.elements = [] }
      return state.elements
    }
  }

  deinit {
    for waiter in state.withLock({ $0.waiters }) { waiter.continuation.resume(returning: nil) }
  }
}
