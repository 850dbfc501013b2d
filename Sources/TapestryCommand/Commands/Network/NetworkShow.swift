import ArgumentParser
import Tapestry

struct NetworkShow: Command {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one network in full.")

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"), completion: .network)
  var name: String

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    format.show(try common.listingEngine().network(named: Validation.networkName(name)))
  }
}
