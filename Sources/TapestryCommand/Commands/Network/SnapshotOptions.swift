import ArgumentParser
import NetTypes
import Tapestry

/// The options of `network create --mode clone` that describe the guest in the snapshot.
struct SnapshotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The address of every guest of a clone network. (default prefix length: 24)",
      valueName: "address[/length]"))
  var guestIP: String?

  @Option(help: ArgumentHelp("The MAC of every guest of a clone network.", valueName: "mac"))
  var guestMAC: String?

  @Option(
    help: ArgumentHelp(
      "The guests' configured gateway. (default: the first address of their subnet)", valueName: "address"))
  var guestGateway: String?

  @Option(
    help: ArgumentHelp(
      "The MAC of the gateway in the guests' ARP cache. (default: the gateway MAC of the network 'default')",
      valueName: "mac"))
  var gatewayMAC: String?

  /// Returns nil if no snapshot option is given.
  /// - Throws: `INVALID_MODE` if the guest's IP or MAC is missing; `INVALID_ADDRESS`, `INVALID_SUBNET`, `INVALID_MAC`.
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
