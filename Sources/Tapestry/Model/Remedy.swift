extension TapestryError {
  /// Something that a caller can do about an error. More cases may be added.
  @nonexhaustive public enum Remedy: Hashable, Sendable {
    /// ``NetworkManager/repair(adopt:)``
    case repair
    /// ``NetworkManager/repair(adopt:)`` with `adopt`, for this state file; nil for the one in use.
    case adopt(statePath: String? = nil)
    /// ``NetworkManager/cleanup(network:)`` of everything.
    case cleanup
    /// ``NetworkManager/networks()``
    case listNetworks
    /// ``NetworkManager/createNetwork(_:)``. The name is nil if any will do.
    case createNetwork(name: Identifier? = nil)
    /// ``NetworkManager/attachments(network:)`` of all networks.
    case listAttachments
    /// ``NetworkManager/attachments(vmID:)``
    case inspect(vmID: Identifier)
    /// ``NetworkManager/detach(vmID:interfaceID:)``
    case detach(vmID: Identifier, interfaceID: Identifier)
    /// ``NetworkManager/detachAll(network:)``
    case detachAll(network: Identifier)
    /// ``NetworkManager/update(vmID:interfaceID:_:)``
    case update(vmID: Identifier)
    /// ``NetworkManager/publish(vmID:interfaceID:ports:)``
    case publish
    /// ``NetworkManager/unpublish(vmID:interfaceID:ports:)``
    case unpublish
    /// The state file that this host's guests belong to. The message has its path if it is known.
    case useState
    /// Another value of a setting, or none.
    case set(Setting)
  }

  /// What a request, or the manager's options, can say. More cases may be added.
  @nonexhaustive public enum Setting: String, Hashable, Sendable {
    /// The path of the state file.
    case statePath = "NetworkManager.Options.statePath"
    /// The mode of a network.
    case mode = "NetworkRequest.mode"
    /// The subnet of a network.
    case subnet = "NetworkRequest.subnet"
    /// The IPv6 subnet of a network.
    case subnet6 = "NetworkRequest.subnet6"
    /// Whether guests' IPv6 packets get the host's address.
    case nat6 = "NetworkRequest.nat6"
    /// The bridge of a network.
    case bridge = "NetworkRequest.bridge"
    /// What a snapshot's guest has.
    case snapshot = "NetworkRequest.snapshot"
    /// The address of a snapshot's guest.
    case snapshotAddress = "SnapshotIdentity.address"
    /// The MAC of a snapshot's guest.
    case snapshotMAC = "SnapshotIdentity.mac"
    /// Whether guests may reach each other.
    case allowsInterVM = "NetworkSettings.allowsInterVM"
    /// What guests reach of the host.
    case hostAccess = "NetworkSettings.hostAccess"
    /// The name server of a network.
    case nameServer = "NetworkSettings.nameServer"
    /// The VMM's process.
    case pid = "AttachRequest.pid"
    /// The interface of a VM.
    case interfaceID = "AttachRequest.interfaceID"
    /// The destinations that a guest may reach.
    case allow = "EgressPolicy.allow"
    /// What a guest may reach if no rule decides.
    case reach = "EgressPolicy.reach"
    /// The rate limits of a guest.
    case rateLimit = "AttachmentSettings.rateLimit"
  }
}

extension TapestryError.Remedy: CustomStringConvertible {
  /// The call or the property: `NetworkManager.repair()`.
  public var description: String {
    switch self {
    case .repair: "NetworkManager.repair()"
    case .adopt: "NetworkManager.repair(adopt: true)"
    case .cleanup: "NetworkManager.cleanup()"
    case .listNetworks: "NetworkManager.networks()"
    case .createNetwork: "NetworkManager.createNetwork(_:)"
    case .listAttachments: "NetworkManager.attachments()"
    case .inspect(let vm): "NetworkManager.attachments(vmID: \"\(vm)\")"
    case .detach(let vm, let interface): "NetworkManager.detach(vmID: \"\(vm)\", interfaceID: \"\(interface)\")"
    case .detachAll(let network): "NetworkManager.detachAll(network: \"\(network)\")"
    case .update(let vm): "NetworkManager.update(vmID: \"\(vm)\")"
    case .publish: "NetworkManager.publish(vmID:ports:)"
    case .unpublish: "NetworkManager.unpublish(vmID:ports:)"
    case .useState: TapestryError.Setting.statePath.description
    case .set(let setting): setting.description
    }
  }

  /// The detaching of an attachment.
  static func detach(_ key: AttachmentKey) -> Self { .detach(vmID: key.vm, interfaceID: key.interface) }
}

extension TapestryError.Setting: CustomStringConvertible {
  /// The property: `NetworkRequest.subnet`.
  public var description: String { rawValue }
}
