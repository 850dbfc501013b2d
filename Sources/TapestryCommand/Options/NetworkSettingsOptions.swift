import ArgumentParser
import NetTypes
import Tapestry

/// The options of `network create` that become `NetworkSettings`. A new one has a property here, and a line in `settings`.
struct NetworkSettingsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A DNS server for the guests' boot arguments; may be given twice.", valueName: "address"))
  var dns: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Run a DNS server (dnsmasq) at the gateway address, for this network's guests only. It resolves outside names and, "
        + "with --allow-inter-vm, guests as VM.NETWORK.internal. In mode bridge it also serves DHCP and, with --subnet6, "
        + "sends router advertisements. The boot arguments name it, unless --dns is given."))
  var dnsServer = false

  @Option(
    help: ArgumentHelp(
      "An upstream DNS resolver for the network's DNS server; may be given three times. (default: the host's resolvers)",
      valueName: "address"))
  var dnsUpstream: [String] = []

  @Flag(help: "Let guests of this network reach each other.")
  var allowInterVM = false

  @Flag(help: "Do not masquerade. Other hosts then need a route to the subnet to reply to guests.")
  var noNAT = false

  @Flag(
    help: "Add no rules that accept guests' packets to other firewalls of the host. What those drop stays dropped.")
  var noFirewallRules = false

  @OptionGroup var egress: EgressOptions

  @Option(
    help: ArgumentHelp(
      "The services of the host that guests may reach: none, or one or more of icmp, dns, all and "
        + "PORT[-PORT]/tcp|udp, separated by commas.", valueName: "services"))
  var hostAccess = HostAccess.standard.description

  @Option(
    help: ArgumentHelp(
      "A label, to find the network by. With --allow-label, a policy lets others reach what has it. May be repeated.",
      valueName: "key=value"))
  var label: [String] = []

  func validate() throws {
    guard dns.count <= 2 else {
      throw ValidationError("'--dns' can be given at most twice: the kernel's 'ip=' parameter takes two.")
    }
    guard dnsUpstream.isEmpty || dnsServer else {
      throw ValidationError("'--dns-upstream' requires '--dns-server'.")
    }
    guard dnsUpstream.count <= NameServer.maximumUpstreams else {
      throw ValidationError("'--dns-upstream' can be given at most \(NameServer.maximumUpstreams) times.")
    }
  }

  /// - Throws: `INVALID_POLICY`, `INVALID_ADDRESS`, `INVALID_LABEL`.
  func settings() throws(TapestryError) -> NetworkSettings {
    NetworkSettings(
      egress: try egress.arguments.policy(), hostAccess: try HostAccess(parsing: hostAccess),
      allowsInterVM: allowInterVM, nat: !noNAT, opensFirewalls: !noFirewallRules,
      dns: try dns.map { text throws(TapestryError) in try Validation.address(text, field: "--dns") },
      nameServer: try nameServer(), labels: try Labels(parsing: label))
  }

  private func nameServer() throws(TapestryError) -> NameServer? {
    guard dnsServer else { return nil }
    return NameServer(
      upstreams: try dnsUpstream.map { text throws(TapestryError) in
        try Validation.address(text, field: "--dns-upstream")
      })
  }
}
