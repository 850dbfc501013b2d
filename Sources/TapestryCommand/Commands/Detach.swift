import ArgumentParser
import Tapestry

struct Detach: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detach", abstract: "Detach a VM: stop its traffic, delete its TAPs, free its addresses.",
    discussion: """
      Detaches every interface of the VM, or the one that --interface names. Its traffic stops at once, even if the VMM \
      still has the TAP open. Prints the detached interfaces.

        tapestry detach web-1
        tapestry detach web-1 --interface eth1
        tapestry detach --all --network blue
        tapestry detach --filter label=job=4711
      """)

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String?

  @Option(help: ArgumentHelp("Only this interface of the VM.", valueName: "id"))
  var interface: String?

  @Flag(help: "Detach every VM.")
  var all = false

  @OptionGroup var filter: LabelFilter

  @Option(
    help: ArgumentHelp("With --all or --filter: only VMs of this network.", valueName: "name"), completion: .network)
  var network: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if all || isFiltered {
      guard vm == nil, interface == nil else {
        throw ValidationError("'--all' and '--filter' select VMs by themselves: name a VM, or use them.")
      }
    } else {
      guard vm != nil else { throw ValidationError("Name a VM, or use '--all' or '--filter'.") }
      guard network == nil else { throw ValidationError("'--network' requires '--all' or '--filter'.") }
    }
  }

  var invocation: DetachInvocation {
    DetachInvocation(
      vm: vm, interface: interface, network: network, output: common.format.output,
      environment: common.global.environment)
  }

  private var isFiltered: Bool { !filter.filter.isEmpty }

  func run() throws {
    let status = isFiltered ? invocation.run(selecting: filter.selection) : invocation.run()
    if status != ExitStatus.done { throw ExitCode(status) }
  }
}
