import ArgumentParser
import Tapestry

/// `-o`, for commands that print text or JSON.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("Output format for results and errors.", valueName: "format"))
  var output: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json

    /// Prints a result: as JSON, or as lines of text.
    func show(_ value: some Encodable, text: @autoclosure () -> [String]) {
      switch self {
      case .json: Output.standardOutput(JSON(value).text)
      case .text: Output.standardOutput(text())
      }
    }
  }

  func show(_ value: some Encodable, text: @autoclosure () -> [String]) { output.show(value, text: text()) }

  func warn(_ messages: [String]) { printWarnings(messages, asJSON: output == .json) }

  /// Runs a command's work and exits with its status. With `-o json`, prints `{}` if the command has no result.
  /// - Parameter printsResult: Whether the command itself writes to standard output.
  func execute(printsResult: Bool = true, _ work: () throws(TapestryError) -> Int32) throws {
    let status = reportingErrors(asJSON: output == .json) { () throws(TapestryError) in
      let status = try work()
      if output == .json, printsResult, !Output.hasResult { Output.standardOutput("{}") }
      return status
    }
    if status != ExitStatus.done { throw ExitCode(status) }
  }
}
