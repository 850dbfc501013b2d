import NetTypes
import SQLite

extension SQLiteLeaseStore {
  /// All networks, by name.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func networks() throws(TapestryError) -> [Network] {
    try database.all(.networks) { row throws(SQLiteError) in try NetworkRow(row).network }
  }

  /// The network with this name; nil if there is none.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func network(named name: Identifier) throws(TapestryError) -> Network? { try networkRow(name)?.network }

  /// Inserts a network.
  /// - Throws: `NETWORK_EXISTS` if another network has the name or the bridge's name; `SUBNET_OVERLAP` if one of its
  ///   subnets overlaps another network's; `NOT_OWNED` if the bridge's name is that of an attachment's TAP.
  package func insert(_ network: Network) throws(TapestryError) {
    try database.transaction(durable: true) { () throws(TapestryError) in
      try keepRoom()
      for other in try networks() { try Self.check(network, against: other) }
      if let lease = try database.first(.leaseOfTap, network.bridge, read: Lease.init) {
        throw TapestryError(
          .notOwned,
          saying: """
            Bridge name '\(network.bridge)' is the TAP name of \(lease.key): choose another one with \(.set(.bridge))
            """
        )
      }
      try database.run(
        .insertNetwork, network.name, network.mode, network.subnet.networkAddress, network.subnet.prefixLength,
        network.bridge, network.mtu, network.subnet.firstGuest, network.snapshot?.address,
        network.snapshot?.subnet.prefixLength, network.snapshot?.mac, network.snapshot?.gateway,
        network.snapshot?.gatewayMAC, network.subnet6, network.nat6, network.settings.text)
    }
  }

  /// Removes a network and its reservations.
  /// - Returns: false if there is no network with that name.
  /// - Throws: `NETWORK_IN_USE` while it has leases.
  @discardableResult
  package func removeNetwork(named name: Identifier) throws(TapestryError) -> Bool {
    try takingDown(durable: true) { () throws(TapestryError) in
      let count = try database.value(.leaseCount, name, as: Int.self) ?? 0
      guard count == 0 else {
        throw TapestryError(
          .networkInUse,
          saying: """
            Network '\(name)' has \(count) attachment\(count == 1 ? "" : "s"): detach \(count == 1 ? "it" : "them") \
            first, with `\(.detachAll(network: name))`
            """)
      }
      try database.run(.forgetReleased, name)
      try database.run(.forgetReserved, name)
      return try database.run(.deleteNetwork, name) > 0
    }
  }

  /// Whether a network's settings were changed, and the kernel may still have the old ones.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func isUnsettled(network name: Identifier) throws(TapestryError) -> Bool {
    try database.holds(.isNetworkUnsettled, name)
  }

  /// Records that the kernel has a network's current settings.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func settle(network name: Identifier) throws(TapestryError) {
    _ = try takingDown { () throws(TapestryError) in try database.run(.settleNetwork, name) }
  }

  /// Sets a network's settings to the result of `change`. The network is unsettled afterwards; if its egress policy
  /// changes, its leases are too.
  /// - Returns: the changed network.
  /// - Throws: `NETWORK_NOT_FOUND`; the errors of `change`. After an error nothing is changed.
  package func update(
    network name: Identifier, _ change: (Network) throws(TapestryError) -> NetworkSettings
  ) throws(TapestryError) -> Network {
    try takingDown(durable: true) { () throws(TapestryError) in
      var network = try existingNetwork(name).network
      let settings = try change(network)
      if settings.egress != network.settings.egress {
        try database.run(.unsettle, name, Lease.Change.policy)
      } else if settings.labels != network.settings.labels {
        try database.run(.unsettle, name, Lease.Change.other)
      }
      network.settings = settings
      try database.run(.setNetworkSettings, name, settings.text)
      return network
    }
  }

  func networkRow(_ name: Identifier) throws(TapestryError) -> NetworkRow? {
    try database.first(.network, name, read: NetworkRow.init)
  }

  /// - Throws: `NETWORK_NOT_FOUND`.
  func existingNetwork(_ name: Identifier) throws(TapestryError) -> NetworkRow {
    guard let row = try networkRow(name) else {
      throw TapestryError(
        .networkNotFound,
        saying: "There is no network '\(name)': create it with `\(.createNetwork(name: name))`")
    }
    return row
  }

  private static func check(_ network: Network, against other: Network) throws(TapestryError) {
    guard network.name != other.name else {
      throw TapestryError(.networkExists, "Network '\(other.name)' already exists, with subnet \(other.subnet)")
    }
    guard network.bridge != other.bridge else {
      throw TapestryError(
        .networkExists,
        saying: """
          Bridge '\(other.bridge)' already belongs to network '\(other.name)': choose another one with \(.set(.bridge))
          """)
    }
    guard !network.subnet.overlaps(other.subnet) else {
      throw TapestryError(
        .subnetOverlap, "Subnet \(network.subnet) overlaps subnet \(other.subnet) of network '\(other.name)'")
    }
    if let subnet = network.subnet6, let present = other.subnet6, subnet.overlaps(present) {
      throw TapestryError(.subnetOverlap, "Subnet \(subnet) overlaps subnet \(present) of network '\(other.name)'")
    }
  }
}
