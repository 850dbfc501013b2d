public import ArgumentParser
import NetTypes
import Tapestry

struct NetworkCreate: Command {
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
  var mode = Network.Mode.bridge

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

  @OptionGroup var settings: NetworkSettingsOptions

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard nat6 == nil || subnet6 != nil else {
      throw ValidationError("'--nat6' and '--no-nat6' require '--subnet6'.")
    }
  }

  func perform() throws(TapestryError) {
    let request = NetworkRequest(
      name: try Validation.networkName(name), mode: mode, subnet: try subnet.map(Validation.networkSubnet),
      bridge: try bridge.map { text throws(TapestryError) in
        try Validation.interfaceName(text, field: "bridgeName")
      }, mtu: mtu, subnet6: try subnet6.map(Subnet6Request.init(parsing:)), nat6: nat6,
      snapshot: try snapshot.identity(), settings: try settings.settings())
    let network = try common.engine().createNetwork(request)
    format.warn(EffectivePolicy(network: network).warnings)
    format.show(network)
  }
}

extension Network.Mode: ExpressibleByArgument {}
