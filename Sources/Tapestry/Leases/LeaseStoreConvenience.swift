package import NetTypes

extension LeaseStore {
  /// Claims without asking the kernel whether the TAP's name is free: creating the TAP fails if it is not.
  /// - Throws: The errors of `claim(_:in:isTapNameFree:)`.
  package func claim(_ request: LeaseRequest, in network: Identifier) throws(TapestryError) -> LeaseClaim {
    try claim(request, in: network, isTapNameFree: { _ in true })
  }

  /// Marks a lease as complete: see `activate(_:)` for several.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_CONFLICT`.
  package func activate(_ key: AttachmentKey) throws(TapestryError) { try activate([key]) }

  /// Marks a lease as being removed: see `markReleasing(_:)` for several.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func markReleasing(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try markReleasing([key]).first }

  /// Deletes a lease that is being removed: see `release(_:)` for several.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  package func release(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try release([key]).first }

  /// All leases, sorted by VM and interface.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func leases() throws(TapestryError) -> [Lease] { try leases(network: nil, vm: nil) }

  /// The leases of one network, sorted by VM and interface.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func leases(network: Identifier) throws(TapestryError) -> [Lease] { try leases(network: network, vm: nil) }

  /// The leases of one VM, sorted by interface.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func leases(vm: Identifier) throws(TapestryError) -> [Lease] { try leases(network: nil, vm: vm) }

  /// Reserves the network's next address: see `reserveAddress(in:for:)`.
  /// - Throws: `NETWORK_NOT_FOUND`, `IP_EXHAUSTED`.
  package func reserveAddress(in network: Identifier) throws(TapestryError) -> IPv4Address {
    try reserveAddress(in: network, for: nil)
  }

  /// All reserved addresses, sorted by network and address.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func reservations() throws(TapestryError) -> [Reservation] { try reservations(network: nil) }

  /// Deletes all stored sysctl values.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  package func forgetSysctls() throws(TapestryError) { try forgetSysctls(nil) }
}
