public import NetTypes

/// The settings of a network other than its addresses and links: every option of `network create` that is neither chosen
/// nor a claim.
///
/// A new option needs a property here and a line in `NetworkSettings.fields`, from which the state file and JSON are
/// written.
public struct NetworkSettings: Hashable, Sendable {
  /// What guests may reach through the host, unless their attachment's policy overrides it. `NetworkManager.update` changes
  /// it.
  public var egress: EgressPolicy
  /// What guests may reach of the host itself. `NetworkManager.update` changes it.
  public var hostAccess: HostAccess
  /// Whether guests of this network may reach each other.
  public var allowsInterVM: Bool
  /// Whether guests' packets to the outside are masqueraded as the host's.
  public var nat: Bool
  /// Whether rules that accept the guests' packets are added to other firewalls of the host that drop forwarded packets.
  public var opensFirewalls: Bool
  /// DNS servers for the guests' boot arguments: at most two, the limit of `ip=`. Empty if guests use `nameServer`.
  public var dns: [IPv4Address]
  /// The network's own DNS server; nil: guests use the servers in `dns`, if any.
  public var nameServer: NameServer?
  /// What users know it by. `NetworkManager.update` changes them.
  public var labels: Labels

  /// The defaults.
  public init() { self.init(egress: EgressPolicy()) }

  /// Creates settings. What is left out has its default.
  public init(
    egress: EgressPolicy = EgressPolicy(), hostAccess: HostAccess = .standard, allowsInterVM: Bool = false,
    nat: Bool = true, opensFirewalls: Bool = true, dns: [IPv4Address] = [], nameServer: NameServer? = nil,
    labels: Labels = Labels()
  ) {
    self.egress = egress
    self.hostAccess = hostAccess
    self.allowsInterVM = allowsInterVM
    self.nat = nat
    self.opensFirewalls = opensFirewalls
    self.dns = dns
    self.nameServer = nameServer
    self.labels = labels
  }
}

extension NetworkSettings: SettingsFields {
  /// Those that are set, with their names in words (`host access`, `dns`), without those of these names.
  package func lines(without names: [String]) -> [(label: String, value: String)] { words(without: names) }

  static let showsDefaults = true

  static let fields: [SettingsField<Self>] = [
    SettingsField("dns", \.dns, text: { $0.isEmpty ? nil : $0.text }, read: [IPv4Address].init(text:)).noted,
    SettingsField("allow-inter-vm", \.allowsInterVM, text: { $0 ? "yes" : nil }, read: { $0 == "yes" ? true : nil })
      .noted,
    SettingsField("nat", \.nat, text: { $0 ? nil : "no" }, read: { $0 == "no" ? false : nil }).noted,
    SettingsField(
      "egress", \.egress, text: { $0.isEmpty ? nil : $0.description }, read: EgressPolicy.init(text:),
      shown: \.explicit
    ).noted,
    SettingsField(
      "host-access", \.hostAccess, text: { $0 == .standard ? nil : $0.description },
      read: { try? HostAccess(parsing: $0) }),
    SettingsField("firewall-rules", \.opensFirewalls, text: { $0 ? nil : "no" }, read: { $0 == "no" ? false : nil })
      .noted,
    // JSON has the domain beside the upstreams, which follows from the network's name.
    .onlyText(
      "dns-server", \.nameServer, text: { $0?.description }, read: { [IPv4Address](text: $0).map(NameServer.init) }
    ).noted,
    SettingsField("labels", \.labels, text: { $0.isEmpty ? nil : $0.description }, read: Labels.init(text:)).noted,
  ]
}

extension NetworkSettings {
  /// - Throws: `INVALID_POLICY` if a setting differs that cannot be changed while guests run.
  func requireChangeable(from before: NetworkSettings, of network: Identifier) throws(TapestryError) {
    var fixed = self
    (fixed.egress, fixed.hostAccess, fixed.labels) = (before.egress, before.hostAccess, before.labels)
    guard fixed == before else {
      throw TapestryError(
        .invalidPolicy,
        "Only the egress policy, the host access and the labels of network \(network) can be changed. For other settings, remove it "
          + "and create it again")
    }
  }
}

/// The effect that a change of settings would have.
public struct UpdatePreview<Subject: Hashable & Sendable>: Hashable, Sendable {
  /// The subject after the change.
  public var changed: Subject
  /// The connections that would end: `172.30.0.2 to 203.0.113.7:80/tcp`.
  public var ending: [String]

  /// Creates a preview. `NetworkManager.previewUpdate` makes them; tests of your own code can too.
  public init(changed: Subject, ending: [String]) {
    self.changed = changed
    self.ending = ending
  }
}
