import ArgumentParser
import Tapestry

struct NetworkList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the networks.",
    discussion: "Always includes 'default', even if it has not been used.")

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let networks = try global.environment.listingEngine(asJSON: format.output == .json).networks()
      format.show(networks, text: TextTable.lines(Network.columns, networks.map(\.row)))
      return ExitStatus.done
    }
  }
}
