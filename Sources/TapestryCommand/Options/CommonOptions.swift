import ArgumentParser
import Tapestry

/// The options of commands that print text or JSON.
struct CommonOptions: ParsableArguments {
  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func engine() throws(TapestryError) -> Engine {
    try global.environment.engine(asJSON: format.output == .json)
  }

  /// An engine for read-only commands. It creates no file.
  func readOnlyEngine() throws(TapestryError) -> Engine { try global.environment.readOnlyEngine() }

  /// An engine for commands that list the contents of the state file. Warns if the file does not match this host.
  func listingEngine() throws(TapestryError) -> Engine {
    let engine = try readOnlyEngine()
    if let error = engine.mismatch() { format.warn([error.commandLineDescription]) }
    return engine
  }
}

/// A command that prints its result, or its error, in the format that `-o` asks for.
protocol Command: ParsableCommand {
  /// Nothing, or the exit status.
  associatedtype Outcome
  var common: CommonOptions { get }
  func perform() throws(TapestryError) -> Outcome
}

extension Command {
  var format: OutputOptions { common.format }
}

extension Command where Outcome == Void {
  func run() throws {
    try format.execute { () throws(TapestryError) in
      try perform()
      return ExitStatus.done
    }
  }
}

extension Command where Outcome == Int32 {
  func run() throws { try format.execute(perform) }
}
