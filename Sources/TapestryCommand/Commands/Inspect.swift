import ArgumentParser
import Tapestry

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show every interface of one VM in full.",
    discussion: "As JSON: an array of the objects that 'attach -o json' prints.")

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let attachments = try global.environment.listingEngine(asJSON: format.output == .json).attachments(
        vmID: Validation.vmID(vm))
      format.show(attachments)
      return ExitStatus.done
    }
  }
}
