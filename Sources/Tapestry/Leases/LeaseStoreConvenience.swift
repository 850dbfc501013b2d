public import NetTypes

extension LeaseStore {
  /// Claims without asking the kernel whether the TAP's name is free: creating the TAP fails if it is not.
  /// - Throws: The errors of `claim(_:in:isTapNameFree:)`.
  public func claim(_ request: LeaseRequest, in network: Identifier) throws(TapestryError) -> LeaseClaim {
    try claim(request, in: network, isTapNameFree: { _ in true })
  }

  /// Marks a lease as complete: see `activate(_:)` for several.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_CONFLICT`.
  public func activate(_ key: AttachmentKey) throws(TapestryError) { try activate([key]) }

  /// Marks a lease as being removed: see `markReleasing(_:)` for several.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  public func markReleasing(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try markReleasing([key]).first }

  /// Deletes a lease that is being removed: see `release(_:)` for several.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  @discardableResult
  public func release(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try release([key]).first }

  /// All leases, sorted by VM and interface.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func leases() throws(TapestryError) -> [Lease] { try leases(network: nil, vm: nil) }

  /// The leases of one network, sorted by VM and interface.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func leases(network: Identifier) throws(TapestryError) -> [Lease] { try leases(network: network, vm: nil) }

  /// The leases of one VM, sorted by interface.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func leases(vm: Identifier) throws(TapestryError) -> [Lease] { try leases(network: nil, vm: vm) }

  /// Reserves the network's next address: see `reserveAddress(in:for:)`.
  /// - Throws: `NETWORK_NOT_FOUND`, `IP_EXHAUSTED`.
  public func reserveAddress(in network: Identifier) throws(TapestryError) -> IPv4Address {
    try reserveAddress(in: network, for: nil)
  }

  /// All reserved addresses, sorted by network and address.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func reservations() throws(TapestryError) -> [Reservation] { try reservations(network: nil) }

  /// Deletes all stored sysctl values.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func forgetSysctls() throws(TapestryError) { try forgetSysctls(nil) }
}
