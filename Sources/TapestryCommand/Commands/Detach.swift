import ArgumentParser
import Tapestry

struct Detach: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Unplug a VM: stop its traffic, delete its TAPs, free its addresses.",
    discussion: "Every interface of the VM, unless one is named with --interface.")

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"))
  var vm: String?

  @Option(help: ArgumentHelp("Only this interface of the VM.", valueName: "id"))
  var interface: String?

  @Flag(help: "Every VM, instead of one.")
  var all = false

  @Option(help: ArgumentHelp("With --all: only those of this network.", valueName: "name"))
  var network: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    if all {
      guard vm == nil, interface == nil else {
        throw ValidationError("'--all' goes with '--network' only: name a VM, or use '--all'.")
      }
    } else {
      guard vm != nil else { throw ValidationError("Name a VM, or use '--all'.") }
      guard network == nil else { throw ValidationError("'--network' goes with '--all'.") }
    }
  }

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let manager = try global.manager()
      let gone: [Attachment]
      if let vm {
        gone = try await manager.detach(vmID: vm, interfaceID: interface)
      } else {
        gone = try await manager.detachAll(network: network)
      }
      switch format.output {
      case .json: Output.standardOutput(try JSON.line(gone))
      case .text:
        for attachment in gone {
          Output.standardOutput("detached \(attachment.vmID)/\(attachment.interfaceID) (\(attachment.guestIP))")
        }
      }
    }
  }
}
