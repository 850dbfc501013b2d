public import NetTypes

extension LeaseStore {
  /// Claims without asking the kernel whether the TAP's name is free: making the TAP will tell.
  public func claim(_ request: LeaseRequest, in network: Identifier) throws(TapestryError) -> LeaseClaim {
    try claim(request, in: network, isTapNameFree: { _ in true })
  }

  /// Marks a lease as made: see `activate(_:)` for many.
  public func activate(_ key: AttachmentKey) throws(TapestryError) { try activate([key]) }

  /// Marks a lease as being taken down: see `markReleasing(_:)` for many.
  @discardableResult
  public func markReleasing(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try markReleasing([key]).first }

  /// Ends a lease that is being taken down: see `release(_:)` for many.
  @discardableResult
  public func release(_ key: AttachmentKey) throws(TapestryError) -> Lease? { try release([key]).first }

  /// All leases, by VM and interface.
  public func leases() throws(TapestryError) -> [Lease] { try leases(network: nil, vm: nil) }

  /// The leases of one network, by VM and interface.
  public func leases(network: Identifier) throws(TapestryError) -> [Lease] { try leases(network: network, vm: nil) }

  /// The leases of one VM, by interface.
  public func leases(vm: Identifier) throws(TapestryError) -> [Lease] { try leases(network: nil, vm: vm) }

  /// Takes the next address out of the network's stock: see `reserveAddress(in:for:)`.
  public func reserveAddress(in network: Identifier) throws(TapestryError) -> IPv4Address {
    try reserveAddress(in: network, for: nil)
  }

  /// All reserved addresses, by network and address.
  public func reservations() throws(TapestryError) -> [Reservation] { try reservations(network: nil) }

  /// Forgets every remembered sysctl.
  public func forgetSysctls() throws(TapestryError) { try forgetSysctls(nil) }
}
