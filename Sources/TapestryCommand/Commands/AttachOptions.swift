import ArgumentParser

/// What `attach` and `run` take in common.
struct AttachOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The VM's id: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "vm"))
  var vm: String

  @Option(help: ArgumentHelp("The network to plug it into.", valueName: "name"), completion: .network)
  var network = "default"

  @Option(
    help: ArgumentHelp(
      "The id of the VM's interface, in the same letters as the VM's. Where it is a name that Linux gives a NIC, such as "
        + "eth1 or ens3, the boot arguments configure that one, else eth0.", valueName: "id"))
  var interface = "eth0"

  @Option(
    help: ArgumentHelp("This IPv4 address, instead of the next free one of the network's subnet.", valueName: "address")
  )
  var ip: String?

  @Option(help: ArgumentHelp("This MAC, instead of the one derived from the ids.", valueName: "mac"))
  var mac: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Who may open the TAP without privilege, in numbers: the user that the VMM runs as, and a group. (default: root "
        + "alone)",
      valueName: "uid[:gid]"))
  var owner: String?

  @OptionGroup var egress: EgressOptions

  @Option(
    help: ArgumentHelp(
      "Let a port of the host lead to one of the guest's: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be "
        + "repeated.", valueName: "port"))
  var publish: [String] = []

  @Option(
    help: ArgumentHelp(
      "How much the guest may send (tx) and get (rx) a second: tx=RATE,rx=RATE,tx-packets=NUMBER, of which one is enough; "
        + "RATE is a number and bit, kbit, mbit or gbit. Counted is what the guest hands over: a packet that is cut into "
        + "segments on its way out counts once.", valueName: "limits"))
  var rateLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many connections the guest may have at a time; or none, for no limit. (default: 4096)", valueName: "number"))
  var maxConnections: String?

  func invocation(_ environment: CommandEnvironment, pid: Int32?) -> AttachInvocation {
    var invocation = AttachInvocation(vm: vm)
    invocation.network = network
    invocation.interface = interface
    invocation.ip = ip
    invocation.mac = mac
    invocation.owner = owner
    invocation.egress = egress.wish
    invocation.publish = publish
    invocation.rateLimit = rateLimit
    invocation.maxConnections = maxConnections
    invocation.pid = pid
    invocation.environment = environment
    return invocation
  }
}
