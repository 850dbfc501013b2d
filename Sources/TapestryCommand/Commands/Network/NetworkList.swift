import ArgumentParser
import Tapestry

struct NetworkList: Command {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the networks.",
    discussion: "Always includes 'default', even if it has not been used.")

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    let networks = try common.listingEngine().networks()
    format.show(networks, text: TextTable.lines(Network.columns, networks.map(\.row)))
  }
}
