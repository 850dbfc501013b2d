import ArgumentParser
import Linux
import Tapestry
import TapestryBenchmark

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure attach, detach and packets on this machine, against the kernel's own cost.",
    discussion: """
      In a network namespace and with a state file of its own, which are gone afterwards: nothing of this host is touched. \
      'floor' is what the kernel takes for the same TAP with the same settings, by raw system calls in the same run; \
      ratios are of medians. Times are in milliseconds, of packets in microseconds.

        tapestry bench --guests 1000
        tapestry bench --mode routed --part packets -o json
      """)

  @Option(parsing: .unconditional, help: ArgumentHelp("How many guests to attach and detach.", valueName: "count"))
  var guests = 100

  @Option(
    help: ArgumentHelp(
      "How the guests' network joins them: \(Network.Mode.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "mode"), completion: .list(Network.Mode.allCases.map(\.rawValue)),
    transform: { text in
      guard let mode = Network.Mode(rawValue: text) else { throw ValidationError("There is no mode '\(text)'.") }
      return mode
    })
  var mode = Network.Mode.bridge

  @Option(
    help: ArgumentHelp(
      "What to measure; may be given several times. (default: all)", valueName: "part"))
  var part: [Benchmark.Part] = []

  @Option(
    help: ArgumentHelp("A program that does nothing, to compare the start of commands with.", valueName: "path"),
    completion: .file())
  var idle: String?

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard guests > 0, guests <= 60_000 else { throw ValidationError("'--guests' is 1 to 60000.") }
    guard mode != .bridge || guests <= 1000 else {
      throw ValidationError("A bridge has 1,023 ports: '--guests' is at most 1000 in mode bridge.")
    }
  }

  func run() throws {
    try format.execute { () throws(TapestryError) in
      var benchmark = Benchmark()
      benchmark.guests = guests
      benchmark.mode = mode
      benchmark.idleProgram = idle
      if !part.isEmpty { benchmark.parts = Set(part) }
      let bar = ProgressBar()
      benchmark.progress = { what, done, all throws(TapestryError) in
        // Nothing of it is worth being held back for.
        if SignalMask.isTerminationPending { throw TapestryError(.kernelRefused, "The benchmark was interrupted") }
        bar.show(what, done, all)
      }
      let result: Result<Report, TapestryError>
      do throws(TapestryError) { result = .success(try benchmark.run()) } catch { result = .failure(error) }
      bar.clear()
      let report = try result.get()
      switch format.output {
      case .json: Output.standardOutput(report.json.text)
      case .text: Output.standardOutput(report.lines)
      }
      return ExitStatus.done
    }
  }
}

extension Benchmark.Part: ExpressibleByArgument {}
