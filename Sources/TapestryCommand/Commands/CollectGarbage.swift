import ArgumentParser
import Tapestry

struct CollectGarbage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Take down what nobody uses any more.",
    discussion: """
      Attachments whose process has ended (attach --pid, run) while nobody else has their TAP open, or whose attach or detach was cut short; and links and \
      rules that carry Tapestry's mark and belong to no attachment. What has no mark is never touched. Run it from a \
      timer where VMMs are started by hand.

      A process counts in the PID namespace that --pid was given in: what was tied to one of a container's is taken down \
      from within that, or with 'tapestry detach'.
      """)

  @Flag(help: "Print what would be done; change nothing.")
  var dryRun = false

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let environment = global.environment
      let collected =
        try dryRun ? environment.lookingEngine().previewGarbage() : environment.engine().collectGarbage()
      format.show(collected, empty: "nothing to collect")
      return ExitStatus.done
    }
  }
}
