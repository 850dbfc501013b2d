/// What can be changed of an attachment while its guest runs.
public struct AttachmentSettings: Hashable, Sendable {
  /// What it may reach, where that is not its network's to say.
  public var egress: EgressPolicy
  /// An empty one limits nothing.
  public var rateLimit: RateLimit
  /// nil: `MaximumConnections.standard`.
  public var maxConnections: MaximumConnections?

  /// - Throws: `INVALID_RATE`, `INVALID_LIMIT`.
  func validateLimits() throws(TapestryError) {
    try rateLimit.validate()
    try maxConnections?.validate()
  }
}

/// What can be changed of a network while its guests run.
public struct NetworkSettings: Hashable, Sendable {
  /// What guests may reach through the host, unless their attachment says otherwise.
  public var egress: EgressPolicy
  /// What guests may reach of the host itself.
  public var hostAccess: HostAccess
}

/// What a change of settings would come to.
public struct UpdatePreview<Subject: Hashable & Sendable>: Hashable, Sendable {
  /// As it would be.
  public var changed: Subject
  /// The connections that would end: `172.30.0.2 to 203.0.113.7:80/tcp`.
  public var ending: [String]
}

extension Lease {
  var settings: AttachmentSettings {
    get {
      AttachmentSettings(egress: egress, rateLimit: rateLimit ?? RateLimit(), maxConnections: maxConnections)
    }
    set {
      egress = newValue.egress
      rateLimit = newValue.rateLimit.isEmpty ? nil : newValue.rateLimit
      maxConnections = newValue.maxConnections
    }
  }
}

extension Network {
  var settings: NetworkSettings {
    get { NetworkSettings(egress: egress, hostAccess: hostAccess) }
    set { (egress, hostAccess) = (newValue.egress, newValue.hostAccess) }
  }
}
