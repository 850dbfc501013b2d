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

  func manager() throws(TapestryError) -> NetworkManager {
    var options = NetworkManager.Options()
    if let path = state ?? Environment.value("TAPESTRY_STATE") { options.statePath = path }
    guard !options.statePath.isEmpty else {
      throw TapestryError(.stateUnavailable, "The path of the state file is empty. Check --state and TAPESTRY_STATE.")
    }
    if verbose {
      options.logger = Logger(label: "tapestry") { StreamLogHandler.standardError(label: $0) }
      options.logger.logLevel = .debug
    }
    return try NetworkManager(options)
  }
}

/// `-o`, for commands that print text or JSON.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output: Format = .text

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }
}
