import ArgumentParser
import Tapestry

struct PolicyAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add to the lists of a policy.",
    discussion: """
      What is in them already stays, and so does all else. Prints the policy that is in force then.

        tapestry policy add web-1 --allow 203.0.113.8:443/tcp
        tapestry policy add --network blue --deny 10.0.0.0/8 --host-access 8080/tcp
      """)

  @OptionGroup var update: PolicyUpdate
  @OptionGroup var options: PolicyListOptions

  func validate() throws { try options.validate(update.target, "add") }

  func run() throws {
    try update.run { () throws(TapestryError) in
      try PolicyEdit(.add, options.lists, hostAccess: options.hostAccess)
    }
  }
}

struct PolicyRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove from the lists of a policy.",
    discussion: """
      As it was written; of what is not there to be removed a warning tells. Connections that are no longer allowed end. \
      Prints the policy that is in force then.

        tapestry policy remove web-1 --allow 203.0.113.8:443/tcp
        tapestry policy remove --network blue --host-access 8080/tcp
      """)

  @OptionGroup var update: PolicyUpdate
  @OptionGroup var options: PolicyListOptions

  func validate() throws { try options.validate(update.target, "remove") }

  func run() throws {
    try update.run { () throws(TapestryError) in
      try PolicyEdit(.remove, options.lists, hostAccess: options.hostAccess)
    }
  }
}

/// The lists of a policy, of which some are named.
struct PolicyListOptions: ParsableArguments {
  @OptionGroup var lists: EgressListOptions

  @Option(
    help: ArgumentHelp(
      "With --network: of what guests may reach of the host itself, of icmp, dns, all and PORT[-PORT]/tcp|udp one or more, "
        + "separated by commas.", valueName: "services"))
  var hostAccess: String?

  func validate(_ target: PolicyTarget, _ verb: String) throws {
    guard target.vm == nil || hostAccess == nil else {
      throw ValidationError("'--host-access' is a network's: name it with '--network'.")
    }
    guard !lists.isEmpty || hostAccess != nil else {
      throw ValidationError(
        "Say what to \(verb), with '--allow', '--deny' or '--allow-domain'; of a network also with '--host-access'.")
    }
    guard hostAccess != "none" else { throw ValidationError("'none' is no service to \(verb).") }
  }
}
