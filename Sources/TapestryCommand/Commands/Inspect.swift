import ArgumentParser
import Tapestry

struct Inspect: Command {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show every interface of one VM in full.",
    discussion: "As JSON: an array of the objects that 'attach -o json' prints.")

  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    format.show(try common.listingEngine().attachments(vmID: Validation.vmID(vm)))
  }
}
