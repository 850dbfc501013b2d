public import ArgumentParser
import Tapestry

struct PolicySet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change what a VM, or the guests of a network, may reach.",
    discussion: """
      Sets what the options name and leaves the rest unchanged, atomically. Established connections that are still \
      allowed continue, others end. An option replaces its whole list; none empties it. 'add' and 'remove' change parts \
      of a list. Prints the resulting policy.

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
      "The default for destinations that no rule matches: everything the host can reach; only the internet, so no "
        + "private addresses; nothing; or, for a VM, the default of its network.", valueName: "reach"))
  var egress: EgressPolicy.Reach?

  @OptionGroup var lists: EgressListOptions

  @Flag(help: "Remove the VM's own policy: the network's policy applies.")
  var inherit = false

  @Option(
    help: ArgumentHelp(
      "With --network: the services of the host that guests may reach: none, or one or more of icmp, dns, all and "
        + "PORT[-PORT]/tcp|udp, separated by commas.", valueName: "services"))
  var hostAccess: String?

  @Option(
    help: ArgumentHelp(
      "For a VM: one or more of tx=RATE, rx=RATE, tx-packets=NUMBER, separated by commas, as for 'attach'; none in place "
        + "of a value removes that limit. none alone removes all.", valueName: "limits"))
  var rateLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For a VM: its maximum number of concurrent connections; none for no limit, default for the default limit.",
      valueName: "number"))
  var maxConnections: String?

  func validate() throws {
    let changesEgress = egress != nil || !lists.named.isEmpty
    if update.target.vm != nil {
      guard hostAccess == nil else {
        throw ValidationError("'--host-access' applies to a network: use '--network'.")
      }
      guard !(changesEgress && inherit) else {
        throw ValidationError(
          "'--inherit' removes the VM's own policy: use it without \(EgressListOptions.names("and", after: ["'--egress'"]))."
        )
      }
      guard changesEgress || inherit || rateLimit != nil || maxConnections != nil else {
        throw ValidationError(
          "Name what to change with "
            + EgressListOptions.names(
              "or", after: ["'--egress'"], before: ["'--inherit'", "'--rate-limit'", "'--max-connections'"]) + ".")
      }
    } else {
      guard maxConnections == nil else { throw ValidationError("'--max-connections' applies to a VM: name the VM.") }
      guard rateLimit == nil else { throw ValidationError("'--rate-limit' applies to a VM: name the VM.") }
      guard !inherit, egress != .inherited else {
        throw ValidationError("'--inherit' and '--egress inherit' apply to a VM: a network inherits from nothing.")
      }
      guard changesEgress || hostAccess != nil else {
        throw ValidationError(
          "Name what to change with "
            + EgressListOptions.names("or", after: ["'--egress'"], before: ["'--host-access'"]) + ".")
      }
    }
  }

  func run() throws {
    try update.run(
      try PolicyEdit(.set, reach: egress, lists, hostAccess: hostAccess)
    ) { settings throws(TapestryError) in
      if inherit { settings.egress = EgressPolicy() }
      if let rateLimit { try settings.rateLimit.change(by: rateLimit) }
      if let maxConnections {
        settings.maxConnections = maxConnections == "default" ? nil : try MaximumConnections(parsing: maxConnections)
      }
    }
  }
}

extension EgressPolicy.Reach: ExpressibleByArgument {}
