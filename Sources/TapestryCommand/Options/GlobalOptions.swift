import ArgumentParser
import Tapestry

/// The options of every command.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The state file, which stores networks and attachments. Only root, or this user, may have write access to it and "
        + "its directories. (default: $TAPESTRY_STATE, else \(NetworkManager.Options.defaultStatePath))",
      valueName: "path"),
    completion: .file())
  var state: String?

  @Flag(name: .shortAndLong, help: "Log every step to standard error.")
  var verbose = false

  var environment: CommandEnvironment { CommandEnvironment(state: state, isVerbose: verbose) }
}
