import ArgumentParser
import Tapestry

struct CollectGarbage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc", abstract: "Remove what is no longer used.",
    discussion: """
      Removes attachments whose process has ended (attach --pid, run) if no other process has their TAP open; \
      attachments whose attach or detach was interrupted; and links and rules that carry Tapestry's mark but belong to \
      no attachment. Never touches anything without the mark. If VMMs are started manually, run this from a timer.

      A process id is valid in the PID namespace where --pid was given: to remove an attachment that is tied to a \
      process in a container, run this inside the container, or use 'tapestry detach'.
      """)

  @Flag(help: "Print the steps; change nothing.")
  var dryRun = false

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let environment = global.environment
      let collected =
        try dryRun
        ? environment.readOnlyEngine().previewGarbage()
        : environment.engine(asJSON: format.output == .json).collectGarbage()
      format.show(collected, empty: "nothing to collect")
      return ExitStatus.done
    }
  }
}
