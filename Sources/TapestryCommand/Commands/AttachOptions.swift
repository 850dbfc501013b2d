import ArgumentParser
import NetTypes
import Tapestry

/// What `attach` and `run` take in common.
struct AttachOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The VM's id: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "vm"))
  var vm: String

  @Option(help: ArgumentHelp("The network to plug it into.", valueName: "name"))
  var network = "default"

  @Option(help: ArgumentHelp("The id of the VM's interface.", valueName: "id"))
  var interface = "eth0"

  @Option(help: ArgumentHelp("This IPv4 address instead of the next free one.", valueName: "address"))
  var ip: String?

  @Option(help: ArgumentHelp("This MAC instead of the one derived from the ids.", valueName: "mac"))
  var mac: String?

  @Option(help: ArgumentHelp("Who may open the TAP, so that the VMM needs no privilege.", valueName: "uid[:gid]"))
  var owner: String?

  func request(pid: Int32?) throws(TapestryError) -> AttachRequest {
    AttachRequest(
      vmID: vm, interfaceID: interface, network: network,
      ip: try ip.map { text throws(TapestryError) in try Validation.address(text, field: "--ip") },
      mac: try mac.map { text throws(TapestryError) in try Validation.mac(text) },
      owner: try owner.map { text throws(TapestryError) in try TapOwner(option: text) }, pid: pid)
  }
}

extension TapOwner {
  /// `UID` or `UID:GID`, in decimal.
  init(option text: String) throws(TapestryError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    // 4294967295 is (uid_t)-1: to the kernel it means nobody at all.
    let numbers = parts.compactMap { part in part.allSatisfy(\.isASCIIDigit) ? UInt32(part) : nil }
    guard (1...2).contains(parts.count), numbers.count == parts.count, !numbers.contains(.max) else {
      throw TapestryError(.invalidName, "Invalid owner '\(text)': expected UID or UID:GID, in decimal numbers")
    }
    self.init(uid: numbers[0], gid: numbers.count == 2 ? numbers[1] : nil)
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
