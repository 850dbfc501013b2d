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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The numeric user, and optionally group, that may open the TAP without privileges: those the VMM runs as. "
        + "(default: root only)",
      valueName: "uid[:gid]"))
  var owner: String?

  @OptionGroup var egress: EgressOptions

  @Option(
    help: ArgumentHelp(
      "Forward a host port to a guest port: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be repeated.",
      valueName: "port"))
  var publish: [String] = []

  @Option(
    help: ArgumentHelp(
      "Per-second limits on what the guest sends (tx) and receives (rx): one or more of tx=RATE, rx=RATE, "
        + "tx-packets=NUMBER, separated by commas. RATE is a number followed by bit, kbit, mbit or gbit. Packets are "
        + "counted as the guest sends them: a packet that is segmented on its way out counts once.",
      valueName: "limits"))
  var rateLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The guest's maximum number of concurrent connections, or none for no limit. (default: 4096)",
      valueName: "number"))
  var maxConnections: String?

  func invocation(_ environment: CommandEnvironment, pid: Int32?) -> AttachInvocation {
    var invocation = AttachInvocation(vm: vm)
    invocation.network = network
    invocation.interface = interface
    invocation.ip = ip
    invocation.mac = mac
    invocation.owner = owner
    invocation.egress = egress.arguments
    invocation.publish = publish
    invocation.rateLimit = rateLimit
    invocation.maxConnections = maxConnections
    invocation.pid = pid
    invocation.environment = environment
    return invocation
  }
}
