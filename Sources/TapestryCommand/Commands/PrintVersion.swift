import ArgumentParser
import Tapestry

struct PrintVersion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.",
    discussion: "As JSON: {\"version\":…}.")

  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in Self.print(format.output) }
  }

  /// - Returns: the exit status.
  static func print(_ format: OutputOptions.Format) -> Int32 {
    format.show(["version": Version.current], text: ["tapestry \(Version.current)"])
    return ExitStatus.done
  }
}
