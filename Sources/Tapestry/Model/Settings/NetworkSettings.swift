/// The settings of a network that can be changed while its guests run.
public struct NetworkSettings: Hashable, Sendable {
  /// What guests may reach through the host, unless their attachment's policy overrides it.
  public var egress: EgressPolicy
  /// What guests may reach of the host itself.
  public var hostAccess: HostAccess
}

/// The effect that a change of settings would have.
public struct UpdatePreview<Subject: Hashable & Sendable>: Hashable, Sendable {
  /// The subject after the change.
  public var changed: Subject
  /// The connections that would end: `172.30.0.2 to 203.0.113.7:80/tcp`.
  public var ending: [String]
}

extension Network {
  var settings: NetworkSettings {
    get { NetworkSettings(egress: egress, hostAccess: hostAccess) }
    set { (egress, hostAccess) = (newValue.egress, newValue.hostAccess) }
  }
}
