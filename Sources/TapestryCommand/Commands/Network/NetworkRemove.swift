import ArgumentParser
import Tapestry

struct NetworkRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a network that has no attachments.",
    discussion: """
      Deletes its bridge too. Removing the last network also deletes the nftables tables and restores sysctls to their \
      earlier values. To remove a network with its attachments: 'tapestry cleanup --network NAME'.
      """)

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"), completion: .network)
  var name: String

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      try global.environment.engine(asJSON: format.output == .json).removeNetwork(named: name)
      return ExitStatus.done
    }
  }
}
