import ArgumentParser
import Tapestry

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare what should be with what the kernel has.",
    discussion: "Changes nothing. Exit status 2 when they differ.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let drift = try await global.manager().check()
      try format.show(drift, empty: "no drift")
      if !drift.isEmpty { throw ExitCode(2) }
    }
  }
}

struct Repair: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mend every difference, without touching what is healthy.",
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

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let manager = try global.manager()
      if dryRun {
        try format.show(try await manager.previewRepair(adopt: adopt), empty: "nothing to repair")
      } else {
        try format.show(try await manager.repair(adopt: adopt), empty: "nothing to repair")
      }
    }
  }
}

struct Cleanup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take everything down: attachments, bridges, tables, sysctls, networks.",
    discussion: "With --network, that one network and its attachments.")

  @Option(help: ArgumentHelp("Only this network.", valueName: "name"))
  var network: String?

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      try await global.manager().cleanup(network: network)
    }
  }
}

extension OutputOptions {
  fileprivate func show(_ drift: [Drift], empty: String) throws {
    switch output {
    case .json: Output.standardOutput(try JSON.line(drift))
    case .text:
      if drift.isEmpty { Output.standardOutput(empty) }
      for item in drift {
        Output.standardOutput(item.description)
        Output.standardOutput("  → \(item.step ?? "not Tapestry's to mend")")
      }
    }
  }
}
