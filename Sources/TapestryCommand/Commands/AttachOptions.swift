import ArgumentParser

/// The options that `attach` and `run` have in common.
struct AttachOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The VM's id: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "vm"))
  var vm: String

  @Option(help: ArgumentHelp("The network to attach the VM to.", valueName: "name"), completion: .network)
  var network = "default"

  @Option(
    help: ArgumentHelp(
      "The id of the VM's interface, with the same characters as the VM's id. If it is a Linux NIC name such as eth1 or "
        + "ens3, the boot arguments configure that device, else eth0.", valueName: "id"))
  var interface = "eth0"

  @Option(
    help: ArgumentHelp("The guest's IPv4 address. (default: the next free address of the subnet)", valueName: "address")
  )
  var ip: String?

  @Option(help: ArgumentHelp("The guest's MAC. (default: derived from the ids)", valueName: "mac"))
  var mac: String?

  @OptionGroup var settings: SettingsOptions

  func invocation(_ environment: CommandEnvironment, pid: Int32?) -> AttachInvocation {
    AttachInvocation(
      vm: vm, network: network, interface: interface, ip: ip, mac: mac, settings: settings.arguments, pid: pid,
      environment: environment)
  }
}
