import ArgumentParser

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "What guests may reach: show it, or change it while they run.",
    discussion: """
      The rules of an attachment come first, then those of its network, then the reach that --egress names: the \
      attachment's, else the network's. 169.254.0.0/16, where clouds keep their metadata, is out of reach unless a rule \
      allows it by a prefix of at least 16 bits.
      """,
    subcommands: [PolicySet.self, PolicyAdd.self, PolicyRemove.self, PolicyShow.self])
}
