import ArgumentParser
import Tapestry

struct Cleanup: Command {
  static let configuration = CommandConfiguration(
    commandName: "cleanup", abstract: "Remove everything and restore the host.",
    discussion: """
      Removes attachments, including those of running VMs, bridges, nftables tables and networks. Restores sysctls to \
      the values they had before the first network was created, except that forwarding stays on, with a message, if \
      something else on the host may need it. Removes only what Tapestry created. Continues after failures and reports \
      them all at the end. With --network, removes only that network and its attachments.
      """)

  @Option(help: ArgumentHelp("Only this network.", valueName: "name"), completion: .network)
  var network: String?

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    try common.engine().cleanup(network: network.map(Validation.networkName))
  }
}
