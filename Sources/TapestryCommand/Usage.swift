import ArgumentParser
import Glibc
import Tapestry

extension TapestryCommand {
  /// Reads the arguments, does what they say, and ends the process. What is wrong with them is told the way they ask for
  /// errors, as far as they can be understood.
  static func start(_ arguments: [String]) -> Never {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      Glibc.exit(ExitStatus.done)
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      let wish = OutputWish(arguments)
      if wish == .shell { Output.standardOutput(AttachmentFormat.failedAssignments) }
      guard wish == .json else { exit(withError: error) }
      report(TapestryError(.usage, message(for: error)), asJSON: true)
      Glibc.exit(ExitStatus.usage)
    }
  }
}

/// What arguments that are wrong say of how results and errors are to be printed.
enum OutputWish: Equatable {
  case text, json
  /// Assignments, for eval.
  case shell

  init(_ arguments: [String]) {
    // What comes after '--' is another program's.
    let own = arguments.prefix { $0 != "--" }
    var format: String?
    for (index, word) in own.enumerated() {
      switch word {
      case "-o", "--output": format = index + 1 < own.count ? own[index + 1] : nil
      case _ where word.hasPrefix("--output="): format = String(word.dropFirst("--output=".count))
      case _ where word.hasPrefix("-o="): format = String(word.dropFirst("-o=".count))
      // Which is no option; who wrote it means one.
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
  /// The arguments are wrong.
  static let usage = Self(rawValue: "USAGE")
}
