import ArgumentParser

/// The VM or network whose policy a command shows or changes.
struct PolicyTarget: ParsableArguments {
  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String?

  @Option(help: ArgumentHelp("Only this interface of the VM.", valueName: "id"))
  var interface: String?

  @Option(help: ArgumentHelp("A network, instead of a VM.", valueName: "name"), completion: .network)
  var network: String?

  func validate() throws {
    guard (vm == nil) != (network == nil) else {
      throw ValidationError("Name either a VM, or a network with '--network'.")
    }
    guard interface == nil || vm != nil else { throw ValidationError("'--interface' applies to a VM: name the VM.") }
  }
}
