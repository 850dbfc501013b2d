import ArgumentParser
import Tapestry

struct Cleanup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleanup", abstract: "Take everything down, and leave the host as it was.",
    discussion: """
      Attachments, running VMs' among them; bridges; tables; networks. Sysctls get the values back that they had before \
      the first network was made, unless something else on the host may need forwarding by now, which is then told. Only what Tapestry made is removed. Goes on past what cannot be removed, and reports \
      it all at the end. With --network, that one network and its attachments.
      """)

  @Option(help: ArgumentHelp("Only this network.", valueName: "name"), completion: .network)
  var network: String?

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      try global.environment.engine().cleanup(network: network)
      return ExitStatus.done
    }
  }
}
