import ArgumentParser

struct PrintVersion: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

  func run() { Self.print() }

  static func print() { Output.standardOutput("tapestry \(Version.current)") }
}
