import Glibc
import Linux

extension TestNamespace {
  /// Runs a program in the namespace, with patience.
  /// - Returns: Its standard output.
  /// - Throws: `CommandFailure` unless its exit status is 0; `CommandTimeout`; `KernelError` when it cannot be started.
  @discardableResult
  public func command(_ program: String, _ arguments: String...) async throws -> String {
    try await command(arguments: [program] + arguments).checked().stdout
  }

  /// Runs a program in the namespace and reads its standard output as JSON.
  /// - Throws: As `command(_:_:)` does, and `DecodingError`.
  public func json(_ program: String, _ arguments: String...) async throws -> JSONValue {
    let text = try await command(arguments: [program] + arguments).checked().stdout
    // `ip -j` prints nothing at all for an empty list.
    return text.allSatisfy(\.isWhitespace) ? [] : try JSONValue(parsing: text)
  }

  /// Runs a program in the namespace to its end; it may fail.
  /// - Parameters:
  ///   - arguments: The program, a path or a name in PATH, and its arguments.
  ///   - environment: Replaces the test's environment; nil leaves it.
  ///   - input: The standard input.
  ///   - timeout: When this is over the program gets SIGKILL.
  /// - Throws: `CommandTimeout`; `KernelError` when the program cannot be started.
  public func command(
    arguments: [String], environment: [String: String]? = nil, input: String = "", timeout: Duration = .patience
  ) async throws -> CommandResult {
    try await run {
      let files = try CommandFiles(input: input)
      // This thread outlives the child, and a test process that crashes takes the child along.
      let child = try ForkLock.start(arguments, environment: environment, files: files, deathSignal: SIGKILL)
      guard let termination = try child.wait(atMost: timeout) else {
        try child.kill(SIGKILL)
        _ = try child.wait()
        throw CommandTimeout(
          arguments: arguments, limit: timeout, stdout: try files.output.text(), stderr: try files.error.text())
      }
      return CommandResult(
        arguments: arguments, termination: termination, stdout: try files.output.text(),
        stderr: try files.error.text())
    }
  }

  /// Starts a program in the namespace and leaves it running; it gets SIGKILL at the latest when the namespace ends.
  /// - Throws: `KernelError` when it cannot be started.
  public func start(
    _ arguments: String..., environment: [String: String]? = nil, input: String = ""
  ) async throws -> RunningCommand {
    try await start(arguments: arguments, environment: environment, input: input)
  }

  public func start(
    arguments: [String], environment: [String: String]? = nil, input: String = ""
  ) async throws -> RunningCommand {
    let running = try await RunningCommand.start(
      in: self, arguments: arguments, environment: environment, input: input)
    atEnd { _ = try? await running.stop() }
    return running
  }
}
