import ArgumentParser
import Tapestry

struct Check: Command {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compare the kernel with the desired state.",
    discussion: """
      Prints each difference and the step that 'tapestry repair' would take. Changes nothing. A VM whose process has \
      ended is reported, but is not a difference: 'tapestry gc' removes its attachment.

      Exit status: 0 if there is no difference, 2 otherwise. As JSON: an array of {"kind":…,"network":…,"vmId":…,"interfaceId":…,"description":…,"step":…}; the step \
      is null if Tapestry cannot repair the difference.
      """)

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) -> Int32 {
    let engine = try common.readOnlyEngine()
    let drift = try engine.check()
    format.show(drift, empty: "no drift")
    if format.output == .text {
      for ended in try engine.ended() { Output.standardOutput("\(ended): 'tapestry gc' removes its attachment") }
    }
    return drift.isEmpty ? ExitStatus.done : ExitStatus.drift
  }
}

extension OutputOptions {
  /// Prints each difference and the step that repairs it, or `empty` if there is none.
  func show(_ drift: [Drift], empty: String) {
    show(drift, text: drift.isEmpty ? [empty] : drift.flatMap(\.lines))
  }
}

extension Drift {
  fileprivate var lines: [String] { [description, "  → \(step ?? "Tapestry cannot repair this")"] }
}
