import ArgumentParser
import NetTypes
import Tapestry

/// What `network create --mode clone` takes of the guests that a snapshot holds.
struct SnapshotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The address that every guest of a clone network has. (default prefix length: 24)",
      valueName: "address[/length]"))
  var guestIP: String?

  @Option(help: ArgumentHelp("The MAC that every guest of a clone network has.", valueName: "mac"))
  var guestMAC: String?

  @Option(
    help: ArgumentHelp(
      "The gateway that they were configured with. (default: the first address of their subnet)", valueName: "address"))
  var guestGateway: String?

  @Option(
    help: ArgumentHelp(
      "The MAC that they know their gateway by. (default: the one that guests of the network 'default' know)",
      valueName: "mac"))
  var gatewayMAC: String?

  /// nil where nothing is said of a snapshot.
  /// - Throws: `INVALID_MODE` for half of it; `INVALID_ADDRESS`, `INVALID_SUBNET`, `INVALID_MAC`.
  func identity() throws(TapestryError) -> SnapshotIdentity? {
    guard [guestIP, guestMAC, guestGateway, gatewayMAC].contains(where: { $0 != nil }) else { return nil }
    guard let guestIP, let guestMAC else {
      throw TapestryError(.invalidMode, "A clone network needs both --guest-ip and --guest-mac")
    }
    let parts = guestIP.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let address = try Validation.address(String(parts[0]), field: "--guest-ip")
    let subnet = try Validation.subnet(parts.count == 2 ? guestIP : guestIP + "/24")
    return SnapshotIdentity(
      address: address, subnet: subnet, mac: try Validation.mac(guestMAC),
      gateway: try guestGateway.map { text throws(TapestryError) in
        try Validation.address(text, field: "--guest-gateway")
      }, gatewayMAC: try gatewayMAC.map(Validation.mac))
  }
}
