import ArgumentParser

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Create, list, show and remove networks.",
    discussion: """
      A network is a bridge, a subnet and a policy for its guests. The network 'default' (bridge svbr0, subnet \
      172.30.0.0/24) always exists; it is set up on first use.
      """,
    subcommands: [NetworkCreate.self, NetworkList.self, NetworkShow.self, NetworkRemove.self])
}
