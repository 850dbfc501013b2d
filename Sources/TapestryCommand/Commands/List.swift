import ArgumentParser
import NetTypes
import Tapestry

struct List: Command {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List attachments.",
    discussion: """
      Sorted by network and address. For clones, ADDRESS is the outer address. STATE is 'ended' if the VM's process has \
      ended and no other process has its TAP open: 'tapestry gc' removes it. As JSON: an array of the objects that \
      'attach -o json' prints; 'endedPid' is the process that has ended.
      """)

  @Option(help: ArgumentHelp("Only attachments of this network.", valueName: "name"), completion: .network)
  var network: String?

  @OptionGroup var filter: LabelFilter
  @OptionGroup var common: CommonOptions

  func perform() throws(TapestryError) {
    let isSelected = try filter.selection()
    let attachments = try common.listingEngine().attachments(network: network.map(Validation.networkName))
      .filter { isSelected($0.settings) }
    // Who uses no labels needs no column for them.
    let isLabelled = attachments.contains { !$0.settings.labels.isEmpty }
    format.show(
      attachments,
      text: TextTable.lines(
        ["VM", "INTERFACE", "NETWORK", "ADDRESS", "MAC", "TAP", "OWNER", "STATE"] + (isLabelled ? ["LABELS"] : []),
        attachments.map {
          [
            $0.vmID.rawValue, $0.interfaceID.rawValue, $0.network.rawValue, $0.address.description,
            $0.mac.description, $0.tapName.rawValue,
            $0.settings.owner?.description ?? "root", $0.endedPID == nil ? "attached" : "ended",
          ] + (isLabelled ? [$0.settings.labels.description] : [])
        }))
  }
}
