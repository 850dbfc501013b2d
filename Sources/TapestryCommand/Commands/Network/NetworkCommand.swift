import ArgumentParser

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Create, list, show and remove networks.",
    discussion: """
      A network is a bridge, a subnet, and what its guests may do. The network 'default' (bridge svbr0, subnet \
      172.30.0.0/24) exists without being created, and is made when it is first used.
      """,
    subcommands: [NetworkCreate.self, NetworkList.self, NetworkShow.self, NetworkRemove.self])
}
