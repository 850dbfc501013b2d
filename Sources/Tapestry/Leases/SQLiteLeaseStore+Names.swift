import NetTypes

extension SQLiteLeaseStore {
  /// The MAC that is asked for, or the first of those derived from the key that nobody in the network has.
  func chooseMAC(
    _ wanted: MACAddress?, for key: AttachmentKey, in network: Network
  ) throws(TapestryError) -> MACAddress {
    if let wanted {
      guard !wanted.isMulticast, !wanted.isZero else {
        throw TapestryError(
          .invalidMAC, "Invalid MAC address '\(wanted)': a guest's must be unicast (its first octet even) and not zero")
      }
      guard wanted != network.bridgeMAC else {
        throw TapestryError(.addressInUse, "MAC address \(wanted) is the gateway's in network '\(network.name)'")
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

  /// The first TAP name derived from the key that is legal and that nobody has.
  func chooseTapName(
    for key: AttachmentKey, isFree: (InterfaceName) -> Bool
  ) throws(TapestryError) -> InterfaceName {
    for salt in 0..<1_000 {
      guard let name = Self.tapName(for: key, salt: salt) else { continue }
      if try !database.holds(.isTapNameHeld, name), isFree(name) { return name }
    }
    throw TapestryError(
      .tapCreateFailed, "Failed to find a free TAP name for \(key): a thousand were tried, and other links have them")
  }

  /// nil where the kernel refuses the original's name: ids may hold `:`, names of links may not.
  static func tapName(for key: AttachmentKey, salt: Int) -> InterfaceName? {
    var name = Identity.tapName(vm: key.vm.rawValue, interface: key.interface.rawValue, salt: salt)
    // A salted name is told apart by its hash; it can do without the character.
    if salt > 0 { name.removeAll { $0 == ":" } }
    guard !name.utf8.contains(UInt8(ascii: ":")) else { return nil }
    return try? InterfaceName(validating: name)
  }
}
