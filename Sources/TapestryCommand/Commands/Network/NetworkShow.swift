import ArgumentParser
import Tapestry

struct NetworkShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one network in full.")

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"), completion: .network)
  var name: String

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let engine = try global.environment.listingEngine(asJSON: format.output == .json)
      format.show(try engine.network(named: Validation.networkName(name)))
      return ExitStatus.done
    }
  }
}
