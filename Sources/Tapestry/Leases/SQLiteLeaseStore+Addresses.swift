package import Linux
package import NetTypes
import SQLite

/// A reserved address of a network that no lease holds yet.
package struct Reservation: Hashable, Sendable {
  /// The network's name.
  package var network: Identifier
  /// The reserved address.
  package var address: IPv4Address
  /// The process that reserved it.
  package var process: ProcessIdentity?
}

// Addresses are assigned in ascending order, up to a watermark that only rises. Released addresses wait in a queue. They
// are reused, the oldest first, only after the watermark has passed the last address: by then stale ARP and conntrack
// entries of their last holder have expired.
extension SQLiteLeaseStore {
  /// Reserves the network's next address for a later claim that requests it.
  /// - Parameter process: the process that reserves it. The address can be released when that process is gone.
  /// - Throws: `NETWORK_NOT_FOUND`, `IP_EXHAUSTED`.
  package func reserveAddress(
    in network: Identifier, for process: ProcessIdentity? = nil
  ) throws(TapestryError) -> IPv4Address {
    try database.transaction { () throws(TapestryError) in
      try keepRoom()
      let address = try takeAnyAddress(in: try existingNetwork(network))
      try database.run(.reserve, network, address, process?.pid, process?.startTime, process?.namespace)
      return address
    }
  }

  /// Releases a reserved address. It goes to the end of the reuse queue.
  /// - Returns: false if it was not reserved.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func releaseReservation(of address: IPv4Address, in network: Identifier) throws(TapestryError) -> Bool {
    try takingDown { () throws(TapestryError) in
      guard try database.run(.unreserve, network, address) > 0 else { return false }
      try database.run(.coolDown, network, address)
      return true
    }
  }

  /// Reserved addresses that no lease has claimed, sorted by network and address.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func reservations(network: Identifier? = nil) throws(TapestryError) -> [Reservation] {
    try database.all(.reservations, network, read: Reservation.init)
  }

  /// Takes the requested address of the network, or the next free one.
  func takeAddress(_ wanted: IPv4Address?, in row: NetworkRow) throws(TapestryError) -> IPv4Address {
    guard let wanted else { return try takeAnyAddress(in: row) }
    try Self.check(wanted, isGuestOf: row.network)
    if let holder = try database.first(.leaseOfAddress, row.network.name, wanted, read: Lease.init) {
      throw TapestryError(.addressInUse, "Address \(wanted) is held by \(holder.key) in network '\(row.network.name)'")
    }
    // If the address is reserved, the request comes from its holder: the lease takes it over.
    try database.run(.unreserve, row.network.name, wanted)
    try database.run(.takeReleased, row.network.name, wanted)
    if wanted == row.nextAddress { try setNextAddress(after: wanted, in: row.network.name) }
    return wanted
  }

  /// Takes the lowest address that was never used or, if there is none, the one that was released longest ago.
  private func takeAnyAddress(in row: NetworkRow) throws(TapestryError) -> IPv4Address {
    let network = row.network
    var next = row.nextAddress
    // Addresses above the watermark may have been requested explicitly. Each of them is skipped only once.
    while next <= network.subnet.lastGuest, try database.holds(.isAddressUsed, network.name, next) {
      next = next.successor
    }
    guard next <= network.subnet.lastGuest else {
      if next != row.nextAddress { try database.run(.setNextAddress, network.name, next) }
      return try takeOldest(in: network)
    }
    try setNextAddress(after: next, in: network.name)
    return next
  }

  private func takeOldest(in network: Network) throws(TapestryError) -> IPv4Address {
    let oldest = try database.first(.takeOldest, network.name) { row throws(SQLiteError) -> IPv4Address in
      let address: IPv4Address = try row.value(0)
      guard network.subnet.isGuest(address) else { throw row.damaged(0) }
      return address
    }
    guard let oldest else {
      throw TapestryError(.ipExhausted, "Subnet \(network.subnet) has no available guest IP addresses")
    }
    return oldest
  }

  func setNextAddress(after address: IPv4Address, in network: Identifier) throws(TapestryError) {
    try database.run(.setNextAddress, network, address.successor)
  }

  private static func check(_ address: IPv4Address, isGuestOf network: Network) throws(TapestryError) {
    let subnet = network.subnet
    guard !subnet.isGuest(address) else { return }
    guard address != subnet.gateway else {
      throw TapestryError(.addressInUse, "Address \(address) is the gateway of network '\(network.name)'")
    }
    let fault =
      switch address {
      case subnet.networkAddress: "is the network address of"
      case subnet.broadcast: "is the broadcast address of"
      default: "is outside"
      }
    throw TapestryError(
      .addressOutOfSubnet,
      """
      Address \(address) \(fault) subnet \(subnet) of network '\(network.name)': guest addresses are \
      \(subnet.firstGuest) to \(subnet.lastGuest)
      """)
  }
}

extension IPv4Address {
  /// The next address. Every guest address has one: the last is followed by the broadcast address.
  fileprivate var successor: IPv4Address { IPv4Address(rawValue: rawValue &+ 1) }
}
