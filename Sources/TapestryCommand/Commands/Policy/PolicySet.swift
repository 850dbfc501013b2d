import ArgumentParser
import Tapestry

struct PolicySet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change what a VM, or the guests of a network, may reach.",
    discussion: """
      What is named is set, what is not named stays, in one step: connections that are still allowed go on, others end. \
      A list is named as a whole, an empty one as none; 'add' and 'remove' change parts of it. Prints the policy that is \
      in force then.

        tapestry policy set web-1 --egress none --allow 203.0.113.7:443/tcp
        tapestry policy set web-1 --allow none
        tapestry policy set web-1 --inherit
        tapestry policy set web-1 --rate-limit tx=100mbit,rx=none
        tapestry policy set web-1 --max-connections 20000
        tapestry policy set --network blue --egress internet --host-access icmp,8080/tcp
      """)

  @OptionGroup var update: PolicyUpdate

  @Option(
    help: ArgumentHelp(
      "What may be reached where no rule says anything: all that the host reaches; what is on the internet, and so nothing "
        + "private; nothing; or, of a VM, what its network says.", valueName: "reach"))
  var egress: Reach?

  enum Reach: String, ExpressibleByArgument, CaseIterable {
    case all, internet, none, inherit

    var reach: EgressPolicy.Reach {
      switch self {
      case .all: .all
      case .internet: .internet
      case .none: .nothing
      case .inherit: .inherited
      }
    }
  }

  @OptionGroup var lists: EgressListOptions

  @Flag(help: "No policy of the VM's own: what its network says.")
  var inherit = false

  @Option(
    help: ArgumentHelp(
      "With --network: what guests may reach of the host itself: none, or of icmp, dns, all and PORT[-PORT]/tcp|udp one "
        + "or more, separated by commas.", valueName: "services"))
  var hostAccess: String?

  @Option(
    help: ArgumentHelp(
      "Of a VM: tx=RATE,rx=RATE,tx-packets=NUMBER, of which one is enough, as 'attach' takes it, or none for each; or none.",
      valueName: "limits"))
  var rateLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of a VM: how many connections it may have at a time; none for no limit, default for what goes without saying.",
      valueName: "number"))
  var maxConnections: String?

  func validate() throws {
    let isSaid = egress != nil || !lists.isEmpty
    if update.target.vm != nil {
      guard hostAccess == nil else {
        throw ValidationError("'--host-access' is a network's: name it with '--network'.")
      }
      guard !(isSaid && inherit) else {
        throw ValidationError("'--inherit' leaves all to the network: name it alone, or with '--rate-limit'.")
      }
      guard isSaid || inherit || rateLimit != nil || maxConnections != nil else {
        throw ValidationError(
          "Say what it may reach, with '--egress', '--allow', '--deny' or '--allow-domain', or '--inherit'; or "
            + "'--rate-limit'; or '--max-connections'.")
      }
    } else {
      guard maxConnections == nil else { throw ValidationError("'--max-connections' is a VM's: name it.") }
      guard rateLimit == nil else { throw ValidationError("'--rate-limit' is a VM's: name it.") }
      guard !inherit, egress != .inherit else {
        throw ValidationError("A network has nothing to inherit from: '--inherit' and '--egress inherit' are for a VM.")
      }
      guard isSaid || hostAccess != nil else {
        throw ValidationError(
          "Say what guests may reach, with '--egress', '--allow', '--deny', '--allow-domain' or '--host-access'.")
      }
    }
  }

  func run() throws {
    try update.run { () throws(TapestryError) in
      try PolicyEdit(.set, reach: egress?.reach, lists, hostAccess: hostAccess)
    } limits: { settings throws(TapestryError) in
      if inherit { settings.egress = EgressPolicy() }
      if let rateLimit { try settings.rateLimit.change(by: rateLimit) }
      if let maxConnections {
        settings.maxConnections = maxConnections == "default" ? nil : try MaximumConnections.parse(maxConnections)
      }
    }
  }
}
