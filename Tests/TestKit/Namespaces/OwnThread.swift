import Linux

/// Runs `body` on a thread of its own and awaits it, so that no thread of Swift's pool is blocked or changed.
public func onOwnThread<R: Sendable>(
  _ name: String = "test", _ body: @escaping @Sendable () throws -> R
) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    do {
      try DetachedThread.start(name: name) { continuation.resume(with: Result(catching: body)) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
