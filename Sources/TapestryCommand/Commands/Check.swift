import ArgumentParser
import Tapestry

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compare the kernel with the desired state.",
    discussion: """
      Prints each difference and the step that 'tapestry repair' would take. Changes nothing. A VM whose process has \
      ended is reported, but is not a difference: 'tapestry gc' removes its attachment.

      Exit status: 0 if there is no difference, 2 otherwise. As JSON: an array of {"kind":…,"network":…,"vmId":…,"interfaceId":…,"description":…,"step":…}; the step \
      is null if Tapestry cannot repair the difference.
      """)

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let engine = try global.environment.readOnlyEngine()
      let drift = try engine.check()
      format.show(drift, empty: "no drift")
      if format.output == .text {
        for ended in try engine.ended() { Output.standardOutput("\(ended): 'tapestry gc' removes its attachment") }
      }
      return drift.isEmpty ? ExitStatus.done : ExitStatus.drift
    }
  }
}
