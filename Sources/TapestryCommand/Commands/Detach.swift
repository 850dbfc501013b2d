import ArgumentParser
import NetTypes
import Tapestry

struct Detach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detach", abstract: "Unplug a VM: stop its traffic, delete its TAPs, free its addresses.",
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

  var invocation: DetachInvocation {
    var invocation = DetachInvocation(vm: vm)
    invocation.interface = interface
    invocation.network = network
    invocation.output = format.output
    invocation.environment = global.environment
    return invocation
  }

  func run() throws {
    let status = invocation.run()
    if status != ExitStatus.done { throw ExitCode(status) }
  }
}

/// What `detach` was asked for, whoever read the arguments.
struct DetachInvocation: Equatable {
  /// nil for all.
  var vm: String?
  var interface: String?
  var network: String?
  var output = OutputOptions.Format.text
  var environment = CommandEnvironment()

  init(vm: String?) { self.vm = vm }

  func run() -> Int32 {
    reportingErrors(asJSON: output == .json) { () throws(TapestryError) in
      let gone = try detach(environment.engine())
      switch output {
      case .json: Output.standardOutput(JSON.array(gone.map(\.json)).text)
      case .text:
        for attachment in gone {
          Output.standardOutput("detached \(attachment.vmID)/\(attachment.interfaceID) (\(attachment.guestIP))")
        }
      }
      return ExitStatus.done
    }
  }

  private func detach(_ engine: Engine) throws(TapestryError) -> [Attachment] {
    guard let vm else { return try engine.detachAll(network: network) }
    return try engine.detach(vmID: vm, interfaceID: interface)
  }
}
