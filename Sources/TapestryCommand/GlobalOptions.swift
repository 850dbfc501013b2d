import ArgumentParser
import Logging
import Tapestry

/// The options that every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The state file.",
      discussion: "Default: the environment's TAPESTRY_STATE, else \(NetworkManager.Options.defaultStatePath).",
      valueName: "path"))
  var state: String?

  @Flag(name: .shortAndLong, help: "Tell on standard error what is done.")
  var verbose = false

  var environment: CommandEnvironment { CommandEnvironment(state: state, isVerbose: verbose) }
}

/// Where a command works, and how much it tells.
struct CommandEnvironment: Equatable {
  var state: String?
  var isVerbose = false

  /// The engine itself rather than the actor around it: this process has one thread and ends with its command.
  func engine() throws(TapestryError) -> Engine {
    var options = NetworkManager.Options()
    if let path = state ?? Environment.value("TAPESTRY_STATE") { options.statePath = path }
    if isVerbose {
      options.logger = Logger(label: "tapestry") { StreamLogHandler.standardError(label: $0) }
      options.logger.logLevel = .debug
    }
    return try Engine(options)
  }
}

/// `-o`, for commands that print text or JSON.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How to print: text or json.")
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
