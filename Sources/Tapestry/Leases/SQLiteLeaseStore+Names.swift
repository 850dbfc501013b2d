import NetTypes
import SQLite

extension SQLiteLeaseStore {
  /// The requested MAC, or the first MAC derived from the key that is free in the network.
  func chooseMAC(
    _ wanted: MACAddress?, for key: AttachmentKey, in network: Network
  ) throws(TapestryError) -> MACAddress {
    if let wanted {
      guard !wanted.isMulticast, !wanted.isZero else {
        throw TapestryError(
          .invalidMAC,
          "Invalid MAC address '\(wanted)': a guest's MAC must be unicast (first octet even) and not zero")
      }
      guard wanted != network.bridgeMAC else {
        throw TapestryError(.addressInUse, "MAC address \(wanted) is that of the gateway of network '\(network.name)'")
      }
      if let holder = try database.first(.leaseOfMAC, network.name, wanted, read: Lease.init) {
        throw TapestryError(
          .addressInUse, "MAC address \(wanted) is held by \(holder.key) in network '\(network.name)'")
      }
      return wanted
    }
    var salt = 0
    while true {
      let mac = Identity.mac(for: key, salt: salt)
      if mac != network.bridgeMAC, try !database.holds(.isMACHeld, network.name, mac) { return mac }
      salt += 1
    }
  }

  /// The first TAP name derived from the key that is valid and free.
  func chooseTapName(for key: AttachmentKey, isFree: (InterfaceName) -> Bool) throws(TapestryError) -> InterfaceName {
    for salt in 0..<1_000 {
      guard let name = Self.tapName(for: key, salt: salt) else { continue }
      if try !database.holds(.isTapNameHeld, name), isFree(name) { return name }
    }
    throw TapestryError(
      .tapCreateFailed, "Failed to find a free TAP name for \(key): other links have all of the 1000 names tried")
  }

  /// Returns nil if the kernel would refuse the original's name: ids may contain `:`, link names may not.
  static func tapName(for key: AttachmentKey, salt: Int) -> InterfaceName? {
    var name = Identity.tapName(vm: key.vm.rawValue, interface: key.interface.rawValue, salt: salt)
    // A salted name is unique by its hash, so the character can be dropped.
    if salt > 0 { name.removeAll { $0 == ":" } }
    guard !name.utf8.contains(UInt8(ascii: ":")) else { return nil }
    return try? InterfaceName(parsing: name)
  }
}
