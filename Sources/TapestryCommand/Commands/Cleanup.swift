import ArgumentParser
import Tapestry

struct Cleanup: ParsableCommand {
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

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      try global.environment.engine(asJSON: format.output == .json).cleanup(network: network)
      return ExitStatus.done
    }
  }
}
