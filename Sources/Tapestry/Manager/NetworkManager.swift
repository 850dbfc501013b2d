import Logging

/// Attaches microVMs to networks on this host.
///
/// Any number of managers, in any number of processes, may use one state file at once. A method that has begun runs to its
/// end, on the manager's own thread, so neither a cancelled task nor a slow kernel leaves anything half-made or blocks
/// Swift's pool. A task that is cancelled before it begins gets `CancellationError`.
public actor NetworkManager {
  nonisolated let workplace: Workplace
  /// The manager's own thread, on which every method runs.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe workplace.executor.asUnownedSerialExecutor()
  }

  /// The options that the manager was made with.
  public nonisolated let options: Options
  private var engine: Engine?

  /// Opens nothing yet: the first method that changes something opens the state file, and makes it if necessary.
  /// - Throws: `NOT_PERMITTED` or `KERNEL_REFUSED` if the namespace in the options cannot be entered.
  public init(_ options: Options = Options()) throws(TapestryError) {
    self.options = options
    workplace = try Workplace(networkNamespacePath: options.networkNamespacePath)
  }

  /// Runs a piece of work without suspension points, so that it cannot be interrupted.
  func perform<Value>(_ work: @escaping (Engine) throws(TapestryError) -> Value) throws -> Value {
    try Task.checkCancellation()
    return try workplace.run { () throws(TapestryError) in try work(try self.openEngine()) }
  }

  /// Runs a piece of work that changes nothing, with an engine of its own, which makes no file.
  func look<Value>(_ work: @escaping (Engine) throws(TapestryError) -> Value) throws -> Value {
    try Task.checkCancellation()
    let options = options
    return try workplace.run { () throws(TapestryError) in try work(try Engine(lookingAt: options)) }
  }

  private func openEngine() throws(TapestryError) -> Engine {
    if let engine { return engine }
    let (logger, workplace) = (options.logger, workplace)
    let opened = try Engine(options, isLongLived: true) { step in workplace.outside { logger.debug("\(step)") } }
    engine = opened
    return opened
  }
}

// MARK: - Networks

extension NetworkManager {
  /// Makes a network: its bridge with the gateway's address, the ruleset, forwarding.
  /// - Throws: `INVALID_MTU`, `NETWORK_EXISTS`, `SUBNET_OVERLAP`, `NOT_OWNED`,
  ///   `BRIDGE_SETUP_FAILED`, `NAME_SERVER_FAILED`, `NOT_PERMITTED`, `KERNEL_UNSUPPORTED`, or one of the state file's.
  @discardableResult
  public func createNetwork(_ request: NetworkRequest) async throws -> Network {
    try perform { engine throws(TapestryError) in try engine.createNetwork(request) }
  }

  /// All networks, sorted by name. `default` is included even if it has not been used.
  /// - Throws: `STATE_UNAVAILABLE` if the state file cannot be used, `STATE_CORRUPT` if it is damaged.
  public func networks() async throws -> [Network] {
    try look { engine throws(TapestryError) in try engine.networks() }
  }

  /// The network with this name.
  /// - Throws: `NETWORK_NOT_FOUND`.
  public func network(named name: Identifier) async throws -> Network {
    try look { engine throws(TapestryError) in try engine.network(named: name) }
  }

  /// Removes a network without attachments, and everything that was made for it.
  /// - Throws: `NETWORK_NOT_FOUND`, `NETWORK_IN_USE`, `CLEANUP_FAILED`.
  public func removeNetwork(named name: Identifier) async throws {
    try perform { engine throws(TapestryError) in try engine.removeNetwork(named: name) }
  }
}

// MARK: - Attachments

extension NetworkManager {
  /// Plugs an interface of a VM into a network: claims its address, MAC and TAP name, adds them to the ruleset, and makes
  /// the TAP. The same VM and interface get the same attachment again.
  /// - Throws: `INVALID_MAC`, `NETWORK_NOT_FOUND`, `ATTACHMENT_CONFLICT`, `ADDRESS_IN_USE`,
  ///   `ADDRESS_OUT_OF_SUBNET`, `IP_EXHAUSTED`, `BRIDGE_FULL`, `TAP_CREATE_FAILED`, `NOT_OWNED`, `NOT_PERMITTED`, …
  @discardableResult
  public func attach(_ request: AttachRequest) async throws -> Attachment {
    try perform { engine throws(TapestryError) in try engine.attach(request) }
  }

  /// What `attach` would return and do. Changes nothing.
  /// - Throws: The errors of `attach`.
  public func previewAttach(_ request: AttachRequest) async throws -> AttachPreview {
    try look { engine throws(TapestryError) in try engine.previewAttach(request) }
  }

  /// Unplugs one interface of a VM, or all. Traffic stops at once. When this returns, the address is free for others, at
  /// the back of the queue.
  /// - Returns: what was unplugged.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `CLEANUP_FAILED`.
  @discardableResult
  public func detach(vmID: Identifier, interfaceID: Identifier? = nil) async throws -> [Attachment] {
    try perform { engine throws(TapestryError) in try engine.detach(vmID: vmID, interfaceID: interfaceID) }
  }

  /// Unplugs all interfaces of a network, or of all networks.
  /// - Throws: `NETWORK_NOT_FOUND`, `CLEANUP_FAILED`.
  @discardableResult
  public func detachAll(network: Identifier? = nil) async throws -> [Attachment] {
    try perform { engine throws(TapestryError) in try engine.detachAll(network: network) }
  }

  /// The attachments, sorted by network and address.
  /// - Throws: `NETWORK_NOT_FOUND`.
  public func attachments(network: Identifier? = nil) async throws -> [Attachment] {
    try look { engine throws(TapestryError) in try engine.attachments(network: network) }
  }

  /// The attachments of one VM.
  /// - Throws: `ATTACHMENT_NOT_FOUND`.
  public func attachments(vmID: Identifier) async throws -> [Attachment] {
    try look { engine throws(TapestryError) in try engine.attachments(vmID: vmID) }
  }

  /// Ties an attachment to a process: when that ends, the attachment may be removed.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `INVALID_PROCESS`.
  public func setProcess(vmID: Identifier, interfaceID: Identifier, pid: Int32) async throws {
    _ = try perform { engine throws(TapestryError) in
      try engine.setProcess(vmID: vmID, interfaceID: interfaceID, pid: pid)
    }
  }
}

// MARK: - Policies

extension NetworkManager {
  /// Changes settings of a VM's interfaces, or of one of them, atomically. Settings that `change` leaves alone stay.
  /// Connections that are still allowed continue, others end. A new limit of connections ends none.
  ///
  ///     try await manager.update(vmID: guest.vmID) { $0.rateLimit.transmit = 20_000_000 }
  ///
  /// - Parameter change: Called once for each interface, while other changes wait. If it throws, nothing changes.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `INVALID_POLICY`, `INVALID_RATE`, `INVALID_LIMIT`, `KERNEL_UNSUPPORTED`.
  @discardableResult
  public func update(
    vmID: Identifier, interfaceID: Identifier? = nil,
    _ change: @escaping @Sendable (inout AttachmentSettings) throws(TapestryError) -> Void
  ) async throws -> [Attachment] {
    try perform { engine throws(TapestryError) in try engine.update(vmID: vmID, interfaceID: interfaceID, change) }
  }

  /// The result of `update`, and the connections that it would end. Changes nothing.
  /// - Throws: The errors of `update`.
  public func previewUpdate(
    vmID: Identifier, interfaceID: Identifier? = nil,
    _ change: @escaping @Sendable (inout AttachmentSettings) throws(TapestryError) -> Void
  ) async throws -> UpdatePreview<[Attachment]> {
    try look { engine throws(TapestryError) in try engine.previewUpdate(vmID: vmID, interfaceID: interfaceID, change) }
  }

  /// Changes the egress policy, the host access or the labels of a network atomically, also for the attached guests. Other
  /// settings cannot be changed.
  ///
  ///     let place = try [Traffic](parsing: "203.0.113.7")
  ///     try await manager.update(network: sandbox.name) { $0.egress.deny += place }
  ///
  /// - Throws: `NETWORK_NOT_FOUND`, `INVALID_POLICY`.
  @discardableResult
  public func update(
    network: Identifier, _ change: @escaping @Sendable (inout NetworkSettings) throws(TapestryError) -> Void
  ) async throws -> Network {
    try perform { engine throws(TapestryError) in try engine.update(network: network, change) }
  }

  /// The result of `update`, and the connections that it would end. Changes nothing.
  /// - Throws: The errors of `update`.
  public func previewUpdate(
    network: Identifier, _ change: @escaping @Sendable (inout NetworkSettings) throws(TapestryError) -> Void
  ) async throws -> UpdatePreview<Network> {
    try look { engine throws(TapestryError) in try engine.previewUpdate(network: network, change) }
  }
}

// MARK: - Ports

extension NetworkManager {
  /// Publishes ports of the host for a VM, in addition to those that it publishes already. They are reached from outside,
  /// from the host itself and from other guests.
  /// - Parameter interfaceID: May be omitted if the VM has only one.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_CONFLICT`, `PORT_IN_USE`, `INVALID_PORT`.
  @discardableResult
  public func publish(
    vmID: Identifier, interfaceID: Identifier? = nil, ports: [PublishedPort]
  ) async throws -> Attachment {
    try perform { engine throws(TapestryError) in
      try engine.publish(vmID: vmID, interfaceID: interfaceID, ports: ports)
    }
  }

  /// Unpublishes ports of a VM. Connections that came by them end.
  /// - Parameters:
  ///   - interfaceID: May be omitted if the VM has only one.
  ///   - ports: nil for all.
  /// - Throws: `ATTACHMENT_NOT_FOUND`, `ATTACHMENT_CONFLICT`, `PORT_NOT_FOUND`.
  @discardableResult
  public func unpublish(
    vmID: Identifier, interfaceID: Identifier? = nil, ports: [PublishedPort]? = nil
  ) async throws -> Attachment {
    try perform { engine throws(TapestryError) in
      try engine.unpublish(vmID: vmID, interfaceID: interfaceID, ports: ports)
    }
  }
}

// MARK: - Desired and observed

extension NetworkManager {
  /// Every difference between desired and observed state that `repair` would repair. Changes nothing.
  /// - Throws: `KERNEL_REFUSED`, `NOT_PERMITTED`, or an error of the state file.
  public func check() async throws -> [Drift] {
    try look { engine throws(TapestryError) in try engine.check() }
  }

  /// Repairs every difference, without touching what is healthy, and finishes what was interrupted.
  /// - Parameter adopt: First rebuild networks and leases that the state file lacks, from the kernel's marks.
  /// - Returns: what was repaired.
  /// - Throws: `STATE_CORRUPT` if the state file has none of the attachments in the kernel and `adopt` is false;
  ///   `NOT_OWNED`; `CLEANUP_FAILED` with all failures.
  @discardableResult
  public func repair(adopt: Bool = false) async throws -> [Drift] {
    try perform { engine throws(TapestryError) in try engine.repair(adopt: adopt) }
  }

  /// What `repair` would do. Changes nothing.
  /// - Throws: The errors of `repair`.
  public func previewRepair(adopt: Bool = false) async throws -> [Drift] {
    try look { engine throws(TapestryError) in try engine.previewRepair(adopt: adopt) }
  }

  /// Removes attachments whose process has ended (see `AttachRequest.pid`), attachments whose attach or detach was
  /// interrupted, and everything with our mark that belongs to no attachment. Repairs nothing.
  /// - Returns: what was removed.
  /// - Throws: `STATE_CORRUPT` as `repair` does; `CLEANUP_FAILED` with all failures.
  @discardableResult
  public func collectGarbage() async throws -> [Drift] {
    try perform { engine throws(TapestryError) in try engine.collectGarbage() }
  }

  /// Examines the host: what its kernel can do, what other firewalls do to guests, which resources run out. Changes
  /// nothing.
  /// - Throws: `NOT_PERMITTED`, `KERNEL_REFUSED` if even looking is impossible.
  public func diagnose() async throws -> [Finding] {
    try Task.checkCancellation()
    return try workplace.run { () throws(TapestryError) in try Doctor.findings(self.options) }
  }

  /// What `collectGarbage` would do. Changes nothing.
  /// - Throws: The errors of `collectGarbage`.
  public func previewGarbage() async throws -> [Drift] {
    try look { engine throws(TapestryError) in try engine.previewGarbage() }
  }

  /// Removes everything: attachments, bridges, tables and networks; restores sysctls. Or does so for one network.
  /// - Throws: `NETWORK_NOT_FOUND`, `CLEANUP_FAILED` with all failures; everything that could be removed is gone.
  public func cleanup(network: Identifier? = nil) async throws {
    try perform { engine throws(TapestryError) in try engine.cleanup(network: network) }
  }
}
