import ArgumentParser
import Glibc
import Tapestry

extension TapestryCommand {
  /// Parses the arguments, runs the command, and exits. Usage errors are reported in the output format that the
  /// arguments ask for, as far as they can be parsed.
  static func start(_ arguments: [String]) -> Never {
    do {
      if arguments.first == "help" { try requireCommand(arguments.dropFirst()) }
      var command = try parseAsRoot(arguments)
      try command.run()
      Glibc.exit(ExitStatus.done)
    } catch {
      // A VMM's exit status may be that of a usage error.
      guard !(error is ExitCode), exitCode(for: error) == .validationFailure else { exit(withError: error) }
      let requested = RequestedOutput(arguments)
      if requested == .shell { Output.standardOutput(AttachmentFormat.failedAssignments) }
      guard requested == .json else {
        Output.standardError(usageText(for: error))
        Glibc.exit(ExitStatus.usage)
      }
      report(TapestryError(.usage, message(for: error)), asJSON: true)
      Glibc.exit(ExitStatus.usage)
    }
  }

  /// ArgumentParser's `help` ignores words that are no commands.
  private static func requireCommand(_ words: ArraySlice<String>) throws {
    var commands = configuration.subcommands
    for word in words where !word.hasPrefix("-") {
      guard let command = commands.first(where: { $0._commandName == word }) else {
        throw ValidationError("There is no command '\(word)'.")
      }
      commands = command.configuration.subcommands
    }
  }

  /// ArgumentParser's `Error: MESSAGE` and usage, with the error as all errors are printed.
  private static func usageText(for error: any Error) -> String {
    let (text, message) = (fullMessage(for: error), message(for: error))
    let prefix = "Error: " + message
    guard !message.isEmpty, text.hasPrefix(prefix) else { return text }
    return "error: \(message) (USAGE)" + text.dropFirst(prefix.count)
  }
}

/// The output format that invalid arguments ask for.
enum RequestedOutput: Equatable {
  case text, json
  /// Shell assignments, for eval.
  case shell

  init(_ arguments: [String]) {
    // Arguments after '--' belong to another program.
    let own = arguments.prefix { $0 != "--" }
    var format: String?
    for (index, word) in own.enumerated() {
      switch word {
      case "-o", "--output": format = index + 1 < own.count ? own[index + 1] : nil
      case _ where word.hasPrefix("--output="): format = String(word.dropFirst("--output=".count))
      case _ where word.hasPrefix("-o="): format = String(word.dropFirst("-o=".count))
      // `-oFORMAT` is not supported, but is meant as this option.
      case _ where word.hasPrefix("-o"): format = String(word.dropFirst("-o".count))
      default: break
      }
    }
    switch format {
    case AttachmentFormat.json.rawValue: self = .json
    case AttachmentFormat.env.rawValue: self = .shell
    default: self = .text
    }
  }
}

extension TapestryError.Code {
  /// The arguments are invalid.
  static let usage = Self(rawValue: "USAGE")
}
