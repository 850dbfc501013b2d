import ArgumentParser
import Tapestry

struct PolicySet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Give a VM, or a network, another policy.",
    discussion: """
      In place of the one it had, in one step: connections that are still allowed go on, others end. Prints what was \
      changed.

        tapestry policy set web-1 --egress none --allow 203.0.113.7:443/tcp
        tapestry policy set web-1 --inherit
        tapestry policy set web-1 --rate-limit tx=100mbit,rx=100mbit
        tapestry policy set web-1 --max-connections 20000
        tapestry policy set --network blue --egress internet --host-access icmp,8080/tcp
      """)

  @OptionGroup var target: PolicyTarget
  @OptionGroup var egress: EgressOptions

  @Flag(help: "No policy of the VM's own: what its network says.")
  var inherit = false

  @Option(
    help: ArgumentHelp(
      "With --network: what guests may reach of the host itself: none, or of icmp, dns, all and PORT[-PORT]/tcp|udp one "
        + "or more, separated by commas.", valueName: "services"))
  var hostAccess: String?

  @Option(
    help: ArgumentHelp(
      "Of a VM: tx=RATE,rx=RATE,tx-packets=NUMBER, as 'attach' takes it; or none.", valueName: "limits"))
  var rateLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of a VM: how many connections it may have at a time; none for no limit, default for what goes without saying.",
      valueName: "number"))
  var maxConnections: String?

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    let isSaid = egress.wish != EgressWish()
    if target.vm != nil {
      guard hostAccess == nil else {
        throw ValidationError("'--host-access' is a network's: name it with '--network'.")
      }
      guard !(isSaid && inherit), isSaid || inherit || rateLimit != nil || maxConnections != nil else {
        throw ValidationError(
          "Say what it may reach, with '--egress', '--allow' or '--deny', or '--inherit'; or '--rate-limit'; or "
            + "'--max-connections'.")
      }
    } else {
      guard maxConnections == nil else { throw ValidationError("'--max-connections' is a VM's: name it.") }
      guard rateLimit == nil else { throw ValidationError("'--rate-limit' is a VM's: name it.") }
      guard !inherit else { throw ValidationError("'--inherit' is for a VM: a network has nothing to inherit from.") }
      guard isSaid || hostAccess != nil else {
        throw ValidationError("Say what guests may reach, with '--egress', '--allow', '--deny' or '--host-access'.")
      }
    }
  }

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let policy = try egress.wish.policy()
      let access = try hostAccess.map { text throws(TapestryError) in try HostAccess.parse(text) }
      let limit = rateLimit == "none" ? nil : try rateLimit.map(RateLimit.parse)
      let connections = maxConnections == "default" ? nil : try maxConnections.map(MaximumConnections.parse)
      let engine = try global.environment.engine()
      if let vm = target.vm {
        var change = AttachmentChange()
        if rateLimit != nil { change.rateLimit = .set(limit) }
        if maxConnections != nil { change.maxConnections = .set(connections) }
        if inherit || policy != nil { change.egress = .set(policy) }
        format.show(try engine.change(vmID: vm, interfaceID: target.interface, change))
      } else if let network = target.network {
        format.show(try engine.setPolicy(network: network, egress: policy, hostAccess: access))
      }
      return ExitStatus.done
    }
  }
}
