import ArgumentParser
import Linux
import Tapestry
import TapestryBenchmark

struct Bench: Command {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure attach, detach and packet latency on this machine, relative to the kernel's own cost.",
    discussion: """
      Runs in its own network namespace with its own state file, which are removed afterwards. The host is not changed. \
      'floor' is the time that the kernel takes for the same TAP with the same settings, by raw system calls in the \
      same run. Ratios are of medians. Times are in milliseconds, packet times in microseconds.

        tapestry bench --guests 1000
        tapestry bench --mode routed --part packets -o json
      """)

  @Option(parsing: .unconditional, help: ArgumentHelp("How many guests to attach and detach.", valueName: "count"))
  var guests = 100

  @Option(
    help: ArgumentHelp(
      "The network mode: \(Network.Mode.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "mode"), completion: .list(Network.Mode.allCases.map(\.rawValue)),
    transform: { text in
      guard let mode = Network.Mode(rawValue: text) else { throw ValidationError("Unknown mode '\(text)'.") }
      return mode
    })
  var mode = Network.Mode.bridge

  @Option(
    help: ArgumentHelp(
      "What to measure; may be repeated. (default: all)", valueName: "part"))
  var part: [Benchmark.Part] = []

  @Option(
    help: ArgumentHelp("A program that does nothing: the baseline for process start times.", valueName: "path"),
    completion: .file())
  var idle: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard guests > 0, guests <= 60_000 else { throw ValidationError("'--guests' must be 1 to 60000.") }
    guard mode != .bridge || guests <= 1000 else {
      throw ValidationError("'--guests' must be at most 1000 in mode bridge: a bridge has 1,023 ports.")
    }
  }

  func perform() throws(TapestryError) {
    var benchmark = Benchmark()
    benchmark.guests = guests
    benchmark.mode = mode
    benchmark.idleProgram = idle
    if !part.isEmpty { benchmark.parts = Set(part) }
    let bar = ProgressBar()
    benchmark.progress = { what, done, all throws(TapestryError) in
      // Stop at once: nothing in a benchmark is worth deferring a termination signal for.
      if SignalMask.isTerminationPending { throw TapestryError(.kernelRefused, "The benchmark was interrupted") }
      bar.show(what, done, all)
    }
    let result = Result { () throws(TapestryError) in try benchmark.run() }
    bar.clear()
    let report = try result.get()
    switch format.output {
    case .json: Output.standardOutput(report.json.text)
    case .text: Output.standardOutput(report.lines)
    }
  }
}

extension Benchmark.Part: ExpressibleByArgument {}
