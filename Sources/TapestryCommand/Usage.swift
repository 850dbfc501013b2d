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
      let requested = AttachmentFormat(requestedBy: arguments)
      if requested == .env { Output.standardOutput(AttachmentFormat.failedAssignments) }
      if requested == .json {
        report(TapestryError(.usage, message(for: error)), asJSON: true)
      } else {
        Output.standardError(usageText(for: error))
      }
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

extension AttachmentFormat {
  /// The output format that invalid arguments ask for; nil if they ask for none that there is.
  fileprivate init?(requestedBy arguments: [String]) {
    // Arguments after '--' belong to another program.
    let own = arguments.prefix { $0 != "--" }
    var format: String?
    for (index, word) in own.enumerated() {
      if ["-o", "--output"].contains(word) {
        format = own.dropFirst(index + 1).first
        // `-oFORMAT` is not supported, but is meant as this option.
      } else if let option = ["--output=", "-o=", "-o"].first(where: { word.hasPrefix($0) }) {
        format = String(word.dropFirst(option.count))
      }
    }
    self.init(rawValue: format ?? "")
  }
}

extension TapestryError.Code {
  /// The arguments are invalid.
  static let usage = Self(rawValue: "USAGE")
}
