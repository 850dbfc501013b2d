import Linux
import Tapestry

/// Runs a command's work and reports its error in the format that the caller asked for. Termination signals are
/// deferred until the work is done: it takes milliseconds, and an operation cut short is useless.
/// - Returns: the exit status: the result of `work`, or 1.
func reportingErrors(asJSON isJSON: Bool, _ work: () throws(TapestryError) -> Int32) -> Int32 {
  do throws(TapestryError) {
    let status = try SignalMask.deferringTermination(work)
    // A reader must not mistake truncated output for the whole result.
    if let failure = Output.failure { throw failure }
    return status
  } catch {
    report(error, asJSON: isJSON)
    return ExitStatus.failed
  }
}

/// Prints `error: MESSAGE (CODE)`, or the error as JSON, to standard error.
func report(_ error: TapestryError, asJSON isJSON: Bool) {
  guard isJSON else { return Output.standardError("error: \(error.commandLineDescription)") }
  let details: JSON = .object([("code", .string(error.code.rawValue)), ("message", .string(error.commandLineMessage))])
  Output.standardError(JSON.object([("error", details)]).text)
}

/// Prints `warning: MESSAGE`, or the warning as JSON, to standard error: the command succeeded, but perhaps not as
/// intended.
func printWarnings(_ messages: [String], asJSON isJSON: Bool) {
  for message in messages {
    Output.standardError(
      isJSON ? JSON.object([("warning", .object([("message", .string(message))]))]).text : "warning: \(message)")
  }
}

/// The tool's exit statuses.
enum ExitStatus {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  static let drift: Int32 = 2
  /// EX_USAGE of sysexits(3).
  static let usage: Int32 = 64
  /// The shells' status for a command that exists but cannot be started.
  static let notExecutable: Int32 = 126
  /// The shells' status for a command that does not exist.
  static let notFound: Int32 = 127
}
