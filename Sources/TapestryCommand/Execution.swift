import Linux
import Tapestry

/// Runs a command's work and reports its error the way the caller asked for. A signal that asks this process to end
/// takes effect when the work is done: it is over in milliseconds, and half of it is worth nothing.
/// - Returns: the exit status: what `work` gives, or 1.
func reportingErrors(asJSON isJSON: Bool, _ work: () throws(TapestryError) -> Int32) -> Int32 {
  do throws(TapestryError) {
    let status = try SignalMask.deferringTermination(work)
    // Whoever reads the results must not take a part for the whole.
    if let failure = Output.failure { throw failure }
    return status
  } catch {
    report(error, asJSON: isJSON)
    return ExitStatus.failed
  }
}

/// `error: MESSAGE (CODE)` on standard error, or as JSON.
func report(_ error: TapestryError, asJSON isJSON: Bool) {
  guard isJSON else { return Output.standardError("error: \(error)") }
  let details: JSON = .object([("code", .string(error.code.rawValue)), ("message", .string(error.message))])
  Output.standardError(JSON.object([("error", details)]).text)
}

/// What the tool's exit status says.
enum ExitStatus {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  static let drift: Int32 = 2
  /// EX_USAGE of sysexits(3).
  static let usage: Int32 = 64
  /// As shells say of a command that is there and could not be started.
  static let notExecutable: Int32 = 126
  /// As shells say of a command that is not there.
  static let notFound: Int32 = 127
}
