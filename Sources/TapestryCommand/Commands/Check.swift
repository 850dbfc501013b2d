import ArgumentParser
import Tapestry

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compare what should be with what the kernel has.",
    discussion: """
      Prints each difference, and what 'tapestry repair' would do about it. Changes nothing. That a VM has ended is no \
      difference, and told of: what it leaves is for 'tapestry gc'.

      Exit status: 0 where they agree, 2 where they differ. As JSON: an array of {"description":…,"step":…}; the step is \
      null where only somebody else can mend it.
      """)

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let engine = try global.environment.lookingEngine()
      let drift = try engine.check()
      format.show(drift, empty: "no drift")
      if format.output == .text {
        for ended in try engine.ended() { Output.standardOutput("\(ended): 'tapestry gc' takes down what it leaves") }
      }
      return drift.isEmpty ? ExitStatus.done : ExitStatus.drift
    }
  }
}
