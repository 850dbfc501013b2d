import Linux

/// Runs `body` on a thread of its own and awaits it, so that no thread of Swift's pool is blocked or changed.
///
/// It is a second thread that resumes the task: `body` may move its own to a namespace, and whichever thread of the pool
/// was made there would stay there.
public func onOwnThread<R: Sendable>(
  _ name: String = "test", _ body: @escaping @Sendable () throws -> R
) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    do {
      try DetachedThread.start(name: name) {
        continuation.resume(with: Result { try DetachedThread.run(name: name) { Result(catching: body) }.get() })
      }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
