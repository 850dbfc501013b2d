import ArgumentParser
import Tapestry

/// The options that every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The file in which networks and attachments are written down, where root, or this user, alone may write. "
        + "(default: $TAPESTRY_STATE, else \(NetworkManager.Options.defaultStatePath))", valueName: "path"),
    completion: .file())
  var state: String?

  @Flag(name: .shortAndLong, help: "Tell every step on standard error.")
  var verbose = false

  var environment: CommandEnvironment { CommandEnvironment(state: state, isVerbose: verbose) }
}
