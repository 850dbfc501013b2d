import ArgumentParser
import Tapestry

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Compare what should be with what the kernel has.",
    discussion: "Changes nothing. Exit status 2 when they differ.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let drift = try global.environment.engine().check()
      format.show(drift, empty: "no drift")
      return drift.isEmpty ? ExitStatus.done : ExitStatus.drift
    }
  }
}

struct Repair: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Mend every difference, without touching what is healthy.",
    discussion: """
      Also finishes what a crash cut short. With --adopt it first takes over the networks and attachments that the \
      kernel has and the state file lacks, for when the state file was lost.
      """)

  @Flag(help: "Print what would be done; change nothing.")
  var dryRun = false

  @Flag(help: "Rebuild leases that the state file lacks from the marks in the kernel.")
  var adopt = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let engine = try global.environment.engine()
      if dryRun {
        format.show(try engine.previewRepair(adopt: adopt), empty: "nothing to repair")
      } else {
        format.show(try engine.repair(adopt: adopt), empty: "nothing to repair")
      }
      return ExitStatus.done
    }
  }
}

struct Cleanup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cleanup", abstract: "Take everything down: attachments, bridges, tables, sysctls, networks.",
    discussion: "With --network, that one network and its attachments.")

  @Option(help: ArgumentHelp("Only this network.", valueName: "name"))
  var network: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      try global.environment.engine().cleanup(network: network)
      return ExitStatus.done
    }
  }
}

extension OutputOptions {
  func show(_ drift: [Drift], empty: String) {
    switch output {
    case .json: Output.standardOutput(JSON.array(drift.map(\.json)).text)
    case .text:
      if drift.isEmpty { Output.standardOutput(empty) }
      for item in drift {
        Output.standardOutput(item.description)
        Output.standardOutput("  → \(item.step ?? "not Tapestry's to mend")")
      }
    }
  }
}

extension Drift {
  fileprivate var json: JSON {
    .object([("description", .string(description)), ("step", step.map(JSON.string) ?? .null)])
  }
}
