import ArgumentParser
import Tapestry

/// `-o`, for commands that print text or JSON.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("How to print results and errors.", valueName: "format"))
  var output: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  /// Does a command's work and ends the process with its status. Whoever asks for JSON gets some: `{}` where there is
  /// nothing to say.
  /// - Parameter printsResult: Whether standard output is the command's own.
  func execute(printsResult: Bool = true, _ work: () throws(TapestryError) -> Int32) throws {
    let status = reportingErrors(asJSON: output == .json) { () throws(TapestryError) in
      let status = try work()
      if output == .json, printsResult, !Output.hasResult { Output.standardOutput("{}") }
      return status
    }
    if status != ExitStatus.done { throw ExitCode(status) }
  }
}
