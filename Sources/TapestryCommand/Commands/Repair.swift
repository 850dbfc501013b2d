import ArgumentParser
import Tapestry

struct Repair: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Mend every difference that 'check' finds.",
    discussion: """
      What is healthy stays as it is, so running guests keep their network. What a crash cut short is finished or taken \
      back. Prints what was mended, as 'check' does.

      Was the state file lost or damaged? Move it away, then run 'tapestry repair --adopt': it takes the networks and \
      attachments over from the marks that they carry in the kernel.
      """)

  @Flag(help: "Print what would be done; change nothing.")
  var dryRun = false

  @Flag(help: "First write down the networks and attachments that the kernel has and the state file lacks.")
  var adopt = false

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let environment = global.environment
      let mended =
        try dryRun
        ? environment.lookingEngine().previewRepair(adopt: adopt) : environment.engine().repair(adopt: adopt)
      format.show(mended, empty: "nothing to repair")
      return ExitStatus.done
    }
  }
}
