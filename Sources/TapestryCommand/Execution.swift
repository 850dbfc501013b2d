import ArgumentParser
import Glibc
import Tapestry

/// Runs a command's work and reports its error the way the caller asked for: on standard error, as text or JSON, with
/// exit status 1.
func reportingErrors(asJSON isJSON: Bool, _ work: () async throws -> Void) async throws {
  do {
    try await work()
  } catch let error as TapestryError {
    if isJSON {
      Output.standardError(try JSON.line(ErrorReport(error: .init(code: error.code.rawValue, message: error.message))))
    } else {
      Output.standardError("error: \(error.message) (\(error.code))")
    }
    throw ExitCode.failure
  }
}

private struct ErrorReport: Encodable {
  var error: Details

  struct Details: Encodable {
    var code: String
    var message: String
  }
}
