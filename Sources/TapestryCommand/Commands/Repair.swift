import ArgumentParser
import Tapestry

struct Repair: Command {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Repair every difference that 'check' finds.",
    discussion: """
      Leaves everything that is correct unchanged, so running guests keep their network. Completes or rolls back \
      operations that a crash interrupted. Prints the repaired differences as 'check' does.

      If the state file is lost or damaged, move it away, then run 'tapestry repair --adopt': it restores the networks \
      and attachments from their marks in the kernel.

      Exit status: 0 if no difference is left, 2 if there is one that Tapestry cannot repair.
      """)

  @Flag(help: "Print the steps; change nothing.")
  var dryRun = false

  @Flag(help: "First add the networks and attachments that are in the kernel but not in the state file.")
  var adopt = false

  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) -> Int32 {
    let repaired =
      try dryRun ? common.readOnlyEngine().previewRepair(adopt: adopt) : common.engine().repair(adopt: adopt)
    format.show(repaired, empty: "nothing to repair")
    return repaired.contains { $0.step == nil } ? ExitStatus.drift : ExitStatus.done
  }
}
