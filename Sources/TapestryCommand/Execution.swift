import Tapestry

/// Runs a command's work and reports its error the way the caller asked for: on standard error, as text or JSON.
/// - Returns: the exit status: what `work` gives, or 1.
func reportingErrors(asJSON isJSON: Bool, _ work: () throws(TapestryError) -> Int32) -> Int32 {
  do throws(TapestryError) {
    return try work()
  } catch {
    if isJSON {
      let details: JSON = .object([
        ("code", .string(error.code.rawValue)), ("message", .string(error.message)),
      ])
      Output.standardError(JSON.object([("error", details)]).text)
    } else {
      Output.standardError("error: \(error.message) (\(error.code))")
    }
    return ExitStatus.failed
  }
}

/// What the tool's exit status says.
enum ExitStatus {
  static let done: Int32 = 0
  static let failed: Int32 = 1
  static let drift: Int32 = 2
  /// As shells say of a command that could not be started.
  static let notFound: Int32 = 127
}
