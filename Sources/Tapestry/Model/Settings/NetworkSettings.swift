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

extension Network {
  var settings: NetworkSettings {
    get { NetworkSettings(egress: egress, hostAccess: hostAccess) }
    set { (egress, hostAccess) = (newValue.egress, newValue.hostAccess) }
  }
}
