import ArgumentParser

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Show what guests may reach, or change it while they run.",
    discussion: """
      The attachment's rules are evaluated first, then the network's rules, then the default set with --egress: the \
      attachment's, else the network's. 169.254.0.0/16, the range of the clouds' metadata services, is blocked unless a \
      rule with a prefix of at least 16 bits allows it.
      """,
    subcommands: [PolicySet.self, PolicyAdd.self, PolicyRemove.self, PolicyShow.self])
}
