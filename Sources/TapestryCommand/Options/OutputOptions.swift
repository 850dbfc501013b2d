import ArgumentParser
import Tapestry

/// `-o`, for commands that print text or JSON.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("How to print results and errors.", valueName: "format"))
  var output: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  /// Does a command's work and ends the process with its status.
  func execute(_ work: () throws(TapestryError) -> Int32) throws {
    let status = reportingErrors(asJSON: output == .json, work)
    if status != ExitStatus.done { throw ExitCode(status) }
  }
}
