import ArgumentParser
import Tapestry

struct CollectGarbage: Command {
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

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    let collected = try dryRun ? common.readOnlyEngine().previewGarbage() : common.engine().collectGarbage()
    format.show(collected, empty: "nothing to collect")
  }
}
