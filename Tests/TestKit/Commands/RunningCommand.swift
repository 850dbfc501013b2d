import Glibc
import Linux
import Synchronization

/// A program that runs in a namespace while the test goes on.
public final class RunningCommand: Sendable {
  public let arguments: [String]
  public let pid: Int32
  private let child: ChildProcess
  private let files: CommandFiles
  private let termination = Mutex<ChildProcess.Termination?>(nil)

  private init(arguments: [String], environment: [String: String]?, input: String) throws {
    self.arguments = arguments
    files = try CommandFiles(input: input)
    child = try ForkLock.start(arguments, environment: environment, files: files, deathSignal: SIGKILL)
    pid = child.pid
  }

  static func start(
    in namespace: TestNamespace, arguments: [String], environment: [String: String]?, input: String
  ) async throws -> RunningCommand {
    try await onOwnThread(namespace.name) {
      let start = Handover<Result<RunningCommand, any Error>>()
      // The signal of a parent's death is that of a thread's: this one lives as long as the child.
      try DetachedThread.start(name: namespace.name) {
        do {
          try namespace.enter()
          let running = try RunningCommand(arguments: arguments, environment: environment, input: input)
          start.give(.success(running))
          while (try? Poll.isReadable(running.child.fileDescriptor, within: .seconds(3600))) == false {}
        } catch {
          start.give(.failure(error))
        }
      }
      return try start.take().get()
    }
  }

  /// What it has printed to its standard output so far.
  public var stdout: String { get throws { try files.output.text() } }
  /// What it has printed to its standard error so far.
  public var stderr: String { get throws { try files.error.text() } }

  /// Sends it a signal: kill(2).
  /// - Throws: `KernelError` of ESRCH when it has ended and been waited for.
  public func kill(_ signal: Int32) throws { try child.kill(signal) }

  /// Waits for it to end.
  /// - Throws: `CommandTimeout` when it is still running after `limit`; it goes on running.
  public func wait(atMost limit: Duration = .patience) async throws -> CommandResult {
    try await onOwnThread {
      guard try Poll.isReadable(self.child.fileDescriptor, within: limit) else {
        throw CommandTimeout(
          arguments: self.arguments, limit: limit, stdout: try self.stdout, stderr: try self.stderr)
      }
      return CommandResult(
        arguments: self.arguments, termination: try self.reap(), stdout: try self.stdout, stderr: try self.stderr)
    }
  }

  private func reap() throws -> ChildProcess.Termination {
    try termination.withLock { termination in
      if let termination { return termination }
      let new = try child.wait()
      termination = new
      return new
    }
  }

  /// Ends it with SIGKILL, unless it has ended, and waits for it.
  @discardableResult
  public func stop() async throws -> CommandResult {
    try? kill(SIGKILL)
    return try await wait()
  }

  /// Waits until its standard output or standard error contains `text`.
  /// - Throws: `CommandTimeout` when they do not after `limit`.
  public func waitForOutput(containing text: String, within limit: Duration = .patience) async throws {
    let deadline = ContinuousClock.now + limit
    while try !stdout.contains(text), try !stderr.contains(text) {
      guard ContinuousClock.now < deadline else {
        throw CommandTimeout(arguments: arguments, limit: limit, stdout: try stdout, stderr: try stderr)
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
