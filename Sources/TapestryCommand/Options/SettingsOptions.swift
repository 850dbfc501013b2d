import ArgumentParser
import Tapestry

/// The options of `attach` and `run` that become `AttachmentSettings`. A new one has a property here and in
/// `SettingsArguments`, and a place in `arguments` and in each of the two functions of `SettingsArguments`.
struct SettingsOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The numeric user, and optionally group, that may open the TAP without privileges: those the VMM runs as. "
        + "(default: root only)",
      valueName: "uid[:gid]"))
  var owner: String?

  @OptionGroup var egress: EgressOptions

  @Option(
    help: ArgumentHelp(
      "Forward a host port to a guest port: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be repeated.",
      valueName: "port"))
  var publish: [String] = []

  @Option(
    help: ArgumentHelp(
      "Per-second limits on what the guest sends (tx) and receives (rx): one or more of tx=RATE, rx=RATE, "
        + "tx-packets=NUMBER, separated by commas. RATE is a number followed by bit, kbit, mbit or gbit. Packets are "
        + "counted as the guest sends them: a packet that is segmented on its way out counts once.",
      valueName: "limits"))
  var rateLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The guest's maximum number of concurrent connections, or none for no limit. (default: 4096)",
      valueName: "number"))
  var maxConnections: String?

  @Option(
    help: ArgumentHelp(
      "A label, to find the VM by. With --allow-label, a policy lets others reach what has it. May be repeated.",
      valueName: "key=value"))
  var label: [String] = []

  var arguments: SettingsArguments {
    SettingsArguments(
      owner: owner, egress: egress.arguments, publish: publish, rateLimit: rateLimit, maxConnections: maxConnections,
      label: label)
  }
}

/// The same options as text, from ArgumentParser or `QuickCommand`.
struct SettingsArguments: Equatable {
  var owner: String?
  var egress = EgressArguments()
  var publish: [String] = []
  var rateLimit: String?
  var maxConnections: String?
  var label: [String] = []

  /// - Throws: `INVALID_OWNER`, `INVALID_POLICY`, `INVALID_PORT`, `INVALID_RATE`, `INVALID_LIMIT`, `INVALID_LABEL`.
  func settings() throws(TapestryError) -> AttachmentSettings {
    AttachmentSettings(
      owner: try owner.map(TapOwner.init(option:)), egress: try egress.policy(),
      published: try [PublishedPort](parsing: publish),
      rateLimit: try rateLimit.map(RateLimit.init(parsing:)) ?? RateLimit(),
      maxConnections: try maxConnections.map(MaximumConnections.init(parsing:)), labels: try Labels(parsing: label))
  }
}

extension SettingsArguments {
  /// Takes its options from the words.
  init(_ words: inout QuickCommand.Words) {
    owner = words.take("--owner")
    egress = EgressArguments(&words)
    publish = words.takeAll("--publish") ?? []
    rateLimit = words.take("--rate-limit")
    maxConnections = words.take("--max-connections")
    label = words.takeAll("--label") ?? []
  }
}
