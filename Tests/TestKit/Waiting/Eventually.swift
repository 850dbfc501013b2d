/// Asks `condition` again and again until it holds.
/// - Returns: false when it did not within `limit`.
public func eventually(
  within limit: Duration = .patience, _ condition: () async throws -> Bool
) async throws -> Bool {
  let deadline = ContinuousClock.now + limit
  while true {
    if try await condition() { return true }
    guard ContinuousClock.now < deadline else { return false }
    try await Task.sleep(for: .milliseconds(2))
  }
}
