import ArgumentParser

struct PrintVersion: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

  func run() { Output.standardOutput("tapestry \(Version.current)") }
}
