import ArgumentParser
import NetTypes
import Tapestry

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List what is attached.")

  @Option(help: ArgumentHelp("Only those of this network.", valueName: "name"))
  var network: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let attachments = try global.environment.engine().attachments(network: network)
      switch format.output {
      case .json: Output.standardOutput(JSON.array(attachments.map(\.json)).text)
      case .text:
        TextTable.lines(
          ["VM", "INTERFACE", "NETWORK", "ADDRESS", "MAC", "TAP"],
          attachments.map {
            [$0.vmID, $0.interfaceID, $0.network, $0.guestIP.description, $0.mac.description, $0.tapName.rawValue]
          }
        ).forEach(Output.standardOutput)
      }
      return ExitStatus.done
    }
  }
}

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show the attachments of one VM.")

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"))
  var vm: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let attachments = try global.environment.engine().attachments(vmID: vm)
      switch format.output {
      case .json: Output.standardOutput(JSON.array(attachments.map(\.json)).text)
      case .text:
        Output.standardOutput(
          attachments.map { AttachmentFormat.text.lines($0).joined(separator: "\n") }.joined(separator: "\n\n"))
      }
      return ExitStatus.done
    }
  }
}
