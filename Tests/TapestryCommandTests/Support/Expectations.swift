import TestKit
import Testing

/// The command failed, with status 1, said so on standard error as `error: MESSAGE (CODE)`, and printed nothing else.
func expectError(
  _ result: CommandResult, _ code: String, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.status == 1, "\(result)", sourceLocation: sourceLocation)
  #expect(result.stdout == "", sourceLocation: sourceLocation)
  #expect(result.stderr.hasPrefix("error: "), "\(result.stderr)", sourceLocation: sourceLocation)
  #expect(result.stderr.hasSuffix(" (\(code))\n"), "\(result.stderr)", sourceLocation: sourceLocation)
  for word in words {
    #expect(result.stderr.contains(word), "\(result.stderr)", sourceLocation: sourceLocation)
  }
}

/// The command was used wrongly: status 64, usage on standard error, nothing else.
func expectUsageError(
  _ result: CommandResult, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(result.status == 64, "\(result)", sourceLocation: sourceLocation)
  #expect(result.stdout == "", sourceLocation: sourceLocation)
  #expect(result.stderr.contains("Usage: tapestry"), "\(result.stderr)", sourceLocation: sourceLocation)
  for word in words {
    #expect(result.stderr.contains(word), "\(result.stderr)", sourceLocation: sourceLocation)
  }
}

extension CommandRig {
  /// Each of these command lines is refused with the code, and they change nothing.
  func expectRefused(
    _ code: String, _ commands: [[String]], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await state()
    for command in commands { expectError(try await tapestry(command), code, sourceLocation: sourceLocation) }
    try await expectUnchanged(since: before, "\(commands)", sourceLocation: sourceLocation)
  }

  func expectUnchanged(
    since before: HostState, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let changes = try await state().changes(since: before)
    #expect(changes == [], "\(what) \(changes)", sourceLocation: sourceLocation)
  }
}
