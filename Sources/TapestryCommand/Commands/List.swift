import ArgumentParser
import NetTypes
import Tapestry

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List what is attached.")

  @Option(help: ArgumentHelp("Only those of this network.", valueName: "name"))
  var network: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let attachments = try await global.manager().attachments(network: network)
      switch format.output {
      case .json: Output.standardOutput(try JSON.line(attachments))
      case .text:
        TextTable.lines(
          ["VM", "INTERFACE", "NETWORK", "ADDRESS", "MAC", "TAP"],
          attachments.map {
            [$0.vmID, $0.interfaceID, $0.network, $0.guestIP.description, $0.mac.description, $0.tapName.rawValue]
          }
        ).forEach(Output.standardOutput)
      }
    }
  }
}

struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the attachments of one VM.")

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"))
  var vm: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let attachments = try await global.manager().attachments(vmID: vm)
      switch format.output {
      case .json: Output.standardOutput(try JSON.line(attachments))
      case .text:
        Output.standardOutput(
          try attachments.map { try AttachmentFormat.text.lines($0).joined(separator: "\n") }
            .joined(separator: "\n\n"))
      }
    }
  }
}
