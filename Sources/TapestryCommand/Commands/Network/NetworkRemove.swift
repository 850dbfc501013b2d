import ArgumentParser
import Tapestry

struct NetworkRemove: Command {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a network that has no attachments.",
    discussion: """
      Deletes its bridge too. Removing the last network also deletes the nftables tables and restores sysctls to their \
      earlier values. To remove a network with its attachments: 'tapestry cleanup --network NAME'.
      """)

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"), completion: .network)
  var name: String

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    try common.engine().removeNetwork(named: Validation.networkName(name))
  }
}
