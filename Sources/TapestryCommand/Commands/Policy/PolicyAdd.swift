import ArgumentParser
import Tapestry

struct PolicyAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add to the lists of a policy.",
    discussion: """
      Existing entries and all other settings stay unchanged. Prints the resulting policy.

        tapestry policy add web-1 --allow 203.0.113.8:443/tcp
        tapestry policy add --network blue --deny 10.0.0.0/8 --host-access 8080/tcp
      """)

  @OptionGroup var update: PolicyUpdate
  @OptionGroup var options: PolicyListOptions

  func validate() throws { try options.validate(update.target, "add") }

  func run() throws {
    try update.run(try PolicyEdit(.add, options.lists, hostAccess: options.hostAccess))
  }
}

struct PolicyRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove from the lists of a policy.",
    discussion: """
      Write each entry as it was added. Warns about entries that are not in the list. Connections that are no longer \
      allowed end. Prints the resulting policy.

        tapestry policy remove web-1 --allow 203.0.113.8:443/tcp
        tapestry policy remove --network blue --host-access 8080/tcp
      """)

  @OptionGroup var update: PolicyUpdate
  @OptionGroup var options: PolicyListOptions

  func validate() throws { try options.validate(update.target, "remove") }

  func run() throws {
    try update.run(try PolicyEdit(.remove, options.lists, hostAccess: options.hostAccess))
  }
}

/// The options of `policy add` and `policy remove` that name lists.
struct PolicyListOptions: ParsableArguments {
  @OptionGroup var lists: EgressListOptions

  @Option(
    help: ArgumentHelp(
      "With --network: services of the host that guests may reach: one or more of icmp, dns, all and "
        + "PORT[-PORT]/tcp|udp, separated by commas.", valueName: "services"))
  var hostAccess: String?

  func validate(_ target: PolicyTarget, _ verb: String) throws {
    guard target.vm == nil || hostAccess == nil else {
      throw ValidationError("'--host-access' applies to a network: use '--network'.")
    }
    guard !lists.named.isEmpty || hostAccess != nil else {
      throw ValidationError(
        "Name what to \(verb) with \(EgressListOptions.names("or")), or for a network with '--host-access'.")
    }
    guard hostAccess != "none" else { throw ValidationError("Cannot \(verb) 'none': it is not a service.") }
  }
}
