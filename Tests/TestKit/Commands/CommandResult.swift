public import Linux

/// How a command ended, and what it printed.
public struct CommandResult: Sendable {
  public let arguments: [String]
  public let termination: ChildProcess.Termination
  public let stdout: String
  public let stderr: String

  /// The status a shell gives: that of exit(3), or 128 and the signal's number.
  public var status: Int32 { termination.status }

  /// - Throws: `CommandFailure` unless the command exited with status 0.
  public func checked() throws(CommandFailure) -> CommandResult {
    guard termination == .exited(0) else { throw CommandFailure(result: self) }
    return self
  }
}

/// A command that did not exit with status 0.
public struct CommandFailure: Error, CustomStringConvertible {
  public let result: CommandResult

  public var status: Int32 { result.status }
  public var stderr: String { result.stderr }

  public var description: String {
    "\(result.arguments.joined(separator: " ")): \(result.termination)\n\(result.stderr)\(result.stdout)"
  }
}

/// A command that was ended with SIGKILL because its time was over.
public struct CommandTimeout: Error, CustomStringConvertible {
  public let arguments: [String]
  public let limit: Duration
  public let stdout: String
  public let stderr: String

  public var description: String {
    "\(arguments.joined(separator: " ")): still running after \(limit)\n\(stderr)\(stdout)"
  }
}
