public import NetTypes

/// The original's methods, on the network `default`, with Swift names.
extension NetworkManager {
  /// Reserves the next free address of the network `default` until `releaseIP`, `cleanup`, or an `attach` that asks
  /// for it.
  /// - Throws: `IP_EXHAUSTED`.
  public func allocateIP() async throws -> IPv4Address {
    try perform { engine throws(TapestryError) in try engine.reserveAddress() }
  }

  /// Releases a reserved address. It is no error if the address is not reserved.
  /// - Throws: `STATE_UNAVAILABLE` or `STATE_CORRUPT` if the state file cannot be used.
  public func releaseIP(_ address: IPv4Address) async throws {
    try perform { engine throws(TapestryError) in try engine.releaseReservation(address) }
  }

  /// The MAC that an attachment gets unless it is taken in its network.
  public nonisolated func generateMAC(vmID: String, interfaceID: String) -> MACAddress {
    Identity.mac(vm: vmID, interface: interfaceID)
  }

  /// The TAP name that an attachment gets unless it is taken on this host. For ids that are not plain ASCII, the kernel or
  /// `attach` may refuse the name.
  public nonisolated func generateTapName(vmID: String, interfaceID: String) -> String {
    Identity.tapName(vm: vmID, interface: interfaceID)
  }

  /// Makes or repairs the bridge of the network `default`, its ruleset and forwarding.
  /// - Throws: `BRIDGE_SETUP_FAILED`, `SUBNET_OVERLAP`, `NOT_OWNED`, `NOT_PERMITTED`, `KERNEL_UNSUPPORTED`.
  public func ensureBridge() async throws {
    try perform { engine throws(TapestryError) in try engine.ensureDefaultNetwork() }
  }

  /// `attach` to the network `default`.
  /// - Throws: `INVALID_NAME`; the errors of `attach`.
  public func createTapDevice(vmID: String, interfaceID: String) async throws -> Attachment {
    try await attach(AttachRequest(vmID: Validation.vmID(vmID), interfaceID: Validation.interfaceID(interfaceID)))
  }

  /// `detach` by the TAP's name. It is no error if the TAP does not exist.
  /// - Throws: `INVALID_INTERFACE_NAME`, `CLEANUP_FAILED`.
  public func removeTapDevice(_ tapName: String) async throws {
    try perform { engine throws(TapestryError) in try engine.detach(tapName: tapName) }
  }

  /// The `ip=` parameter for the guest's kernel command line.
  public nonisolated func guestNetworkBootArguments(_ attachment: Attachment) -> String { attachment.bootArguments }

  /// All attachments of all networks.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func activeTaps() async throws -> [Attachment] { try await attachments() }
}
