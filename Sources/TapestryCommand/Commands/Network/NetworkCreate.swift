import ArgumentParser
import NetTypes
import Tapestry

struct NetworkCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Create a network: a bridge with the gateway address, its ruleset, forwarding.",
    discussion: """
      By default, guests reach the outside through NAT and can ping the host; nothing outside reaches them, and they \
      cannot reach each other. Prints the network.

        tapestry network create blue --subnet 10.7.0.0/16 --allow-inter-vm
        tapestry network create ci --egress internet --allow 10.0.0.5:5432/tcp --host-access icmp,8080/tcp
        tapestry network create dual --subnet6 auto
        tapestry network create dev --dns-server --allow-inter-vm
        tapestry network create many --mode routed --subnet 10.8.0.0/16
        tapestry network create snap --mode clone --subnet 10.9.0.0/16 --guest-ip 172.30.0.2/24 --guest-mac 02:…

      Guests restored from one snapshot share an address and a MAC. In mode clone, the host reaches each of them at an \
      outer address of the network's subnet, which is translated by NAT.

      Without --subnet6, guests have no IPv6: their IPv6 packets are dropped. With it, a guest's address is the prefix \
      plus the EUI-64 of its MAC, and its gateway is fe80::1. In mode bridge with --dns-server, router advertisements \
      configure both.
      """)

  @Argument(help: ArgumentHelp("The network's name: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "name"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "How guests are connected: as bridge ports, at most 1,023; each by its own route; or each by its own route, for "
        + "guests restored from one snapshot.", valueName: "mode"))
  var mode = Mode.bridge

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case bridge, routed, clone

    var mode: Network.Mode {
      switch self {
      case .bridge: .bridge
      case .routed: .routed
      case .clone: .clone
      }
    }
  }

  @OptionGroup var snapshot: SnapshotOptions

  @Option(
    help: ArgumentHelp(
      "The guests' IPv4 subnet. Its first address is the gateway. "
        + "(default: the first /24 from 172.30.0.0 upwards that is free on this host)", valueName: "cidr"))
  var subnet: String?

  @Option(
    help: ArgumentHelp(
      "The name of the bridge to create. It has the gateway address. (default: the first free of svbr0, svbr1, …)",
      valueName: "link"))
  var bridge: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The MTU of the bridge and the guests' links: 576 to 65521. (default: 1500, or the uplink's MTU if that is less)",
      valueName: "bytes"))
  var mtu: Int?

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

  @Option(
    help: ArgumentHelp(
      "The guests' IPv6 prefix, a /64; 'auto' generates a random unique local prefix. (default: no IPv6)",
      valueName: "prefix|auto"))
  var subnet6: String?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Whether to masquerade guests' IPv6 as the host's address. (default: only if the prefix is unique local)"
  )
  var nat6: Bool?

  @Flag(
    help: "Add no rules that accept guests' packets to other firewalls of the host. What those drop stays dropped.")
  var noFirewallRules = false

  @OptionGroup var egress: EgressOptions

  @Option(
    help: ArgumentHelp(
      "The services of the host that guests may reach: none, or one or more of icmp, dns, all and "
        + "PORT[-PORT]/tcp|udp, separated by commas.", valueName: "services"))
  var hostAccess = HostAccess.standard.description

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard nat6 == nil || subnet6 != nil else {
      throw ValidationError("'--nat6' and '--no-nat6' require '--subnet6'.")
    }
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

  private func nameServer() throws(TapestryError) -> NameServer? {
    guard dnsServer else { return nil }
    return NameServer(
      upstreams: try dnsUpstream.map { text throws(TapestryError) in
        try Validation.address(text, field: "--dns-upstream")
      })
  }

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let request = NetworkRequest(
        name: name, mode: mode.mode, subnet: try subnet.map(Validation.networkSubnet),
        bridge: try bridge.map { text throws(TapestryError) in
          try Validation.interfaceName(text, field: "bridgeName")
        }, mtu: mtu,
        dns: try dns.map { text throws(TapestryError) in try Validation.address(text, field: "--dns") },
        allowsInterVM: allowInterVM, nat: !noNAT, subnet6: try subnet6.map(Subnet6Request.init(parsing:)), nat6: nat6,
        opensFirewalls: !noFirewallRules, egress: try egress.arguments.policy(),
        hostAccess: try HostAccess(parsing: hostAccess),
        nameServer: try nameServer(), snapshot: try snapshot.identity())
      let network = try global.environment.engine(asJSON: format.output == .json).createNetwork(request)
      format.warn(EffectivePolicy(nil, network).warnings)
      format.show(network)
      return ExitStatus.done
    }
  }
}
