import ArgumentParser

struct Detach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detach", abstract: "Unplug a VM: stop its traffic, delete its TAPs, free its addresses.",
    discussion: """
      Every interface of the VM, unless one is named. Its traffic stops at once, whether the VMM still has the TAP open \
      or not. Prints what was detached.

        tapestry detach web-1
        tapestry detach web-1 --interface eth1
        tapestry detach --all --network blue
      """)

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String?

  @Option(help: ArgumentHelp("Only this interface of the VM.", valueName: "id"))
  var interface: String?

  @Flag(help: "Every VM, instead of one.")
  var all = false

  @Option(help: ArgumentHelp("With --all: only those of this network.", valueName: "name"), completion: .network)
  var network: String?

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

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
