import ArgumentParser
import NetTypes
import Tapestry

struct NetworkCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a network: a bridge with the gateway's address, its ruleset, forwarding.",
    discussion: """
      Its guests reach the outside under the host's address, and the host by ping; nothing reaches them, and they do not \
      reach each other. Prints the network.

        tapestry network create blue --subnet 10.7.0.0/16 --allow-inter-vm
        tapestry network create ci --egress internet --allow 10.0.0.5:5432/tcp --host-access icmp,8080/tcp
        tapestry network create dual --subnet6 auto
        tapestry network create dev --dns-server --allow-inter-vm
        tapestry network create many --mode routed --subnet 10.8.0.0/16
        tapestry network create snap --mode clone --subnet 10.9.0.0/16 --guest-ip 172.30.0.2/24 --guest-mac 02:…

      Guests restored from one snapshot share an address and a MAC; in mode clone each of them is known to the host by \
      an outer address of the network's subnet, and translated.

      Guests of a network without --subnet6 have no IPv6 at all: what they send of it is dropped. With it, a guest's \
      address is what its interface makes of the prefix and its MAC, and its gateway is fe80::1; in mode bridge with \
      --dns-server, router advertisements tell it so.
      """)

  @Argument(help: ArgumentHelp("The network's name: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "name"))
  var name: String

  @Option(
    help: ArgumentHelp(
      "How guests are joined: as ports of a bridge, at most 1,023; or each by a route of its own; or so for guests that "
        + "were restored from one snapshot.", valueName: "mode"))
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
      "The guests' IPv4 subnet; its first address is the gateway's. "
        + "(default: the first /24 from 172.30.0.0 on that is free on this host)", valueName: "cidr"))
  var subnet: String?

  @Option(
    help: ArgumentHelp(
      "The name of the bridge to make; it has the gateway's address. (default: the first free one of svbr0, svbr1, …)",
      valueName: "link"))
  var bridge: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The MTU of the bridge and of the guests' links: 576 to 65521. (default: 1500, or the uplink's where that is less)",
      valueName: "bytes"))
  var mtu: Int?

  @Option(
    help: ArgumentHelp("A name server for the guests' boot arguments; may be given twice.", valueName: "address"))
  var dns: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Serve names at the gateway's address, for this network's guests alone: dnsmasq tells them of the outside and, with "
        + "--allow-inter-vm, of each other by VM.NETWORK.internal; in mode bridge it answers DHCP and, with --subnet6, sends "
        + "router advertisements too. The boot arguments name it, unless there is a --dns."))
  var dnsServer = false

  @Option(
    help: ArgumentHelp(
      "Whom the network's name server asks about the outside; may be given three times. (default: whom the host asks)",
      valueName: "address"))
  var dnsUpstream: [String] = []

  @Flag(help: "Let guests of this network reach each other.")
  var allowInterVM = false

  @Flag(help: "Do not masquerade: whoever is to answer the guests needs a route to the subnet.")
  var noNAT = false

  @Option(
    help: ArgumentHelp(
      "The guests' IPv6 prefix, a /64; 'auto' draws a unique local one. (default: no IPv6)", valueName: "prefix|auto"))
  var subnet6: String?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Whether guests' IPv6 appears under the host's address outside. (default: only where the prefix is a unique local one)"
  )
  var nat6: Bool?

  @Flag(
    help: "Put no rules that let guests through into other firewalls of the host: what these drop stays dropped.")
  var noFirewallRules = false

  @OptionGroup var egress: EgressOptions

  @Option(
    help: ArgumentHelp(
      "What guests may reach of the host itself: none, or of icmp, dns, all and PORT[-PORT]/tcp|udp one or more, "
        + "separated by commas.", valueName: "services"))
  var hostAccess = HostAccess.standard.description

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard nat6 == nil || subnet6 != nil else {
      throw ValidationError("'--nat6' and '--no-nat6' are for a network with '--subnet6'.")
    }
    guard dns.count <= 2 else { throw ValidationError("'--dns' can be given twice: 'ip=' has room for two.") }
    guard dnsUpstream.isEmpty || dnsServer else {
      throw ValidationError("'--dns-upstream' is for the network's own name server: add '--dns-server'.")
    }
    guard dnsUpstream.count <= NameServer.maximumUpstreams else {
      throw ValidationError("'--dns-upstream' can be given \(NameServer.maximumUpstreams) times.")
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
        allowsInterVM: allowInterVM, nat: !noNAT, subnet6: try subnet6.map(Subnet6Request.parse), nat6: nat6,
        opensFirewalls: !noFirewallRules, egress: try egress.wish.policy(),
        hostAccess: try HostAccess.parse(hostAccess),
        nameServer: try nameServer(), snapshot: try snapshot.identity())
      let network = try global.environment.engine().createNetwork(request)
      format.warn(PolicyStanding(nil, network).warnings)
      format.show(network)
      return ExitStatus.done
    }
  }
}
