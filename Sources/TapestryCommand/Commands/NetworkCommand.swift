import ArgumentParser
import NetTypes
import Tapestry

struct NetworkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Create, list, show and remove networks.",
    discussion: "The network 'default' (bridge svbr0, 172.30.0.0/24) exists without being created.",
    subcommands: [NetworkCreate.self, NetworkList.self, NetworkShow.self, NetworkRemove.self])
}

struct NetworkCreate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a network: a bridge with the gateway's address, its ruleset, forwarding.")

  @Argument(help: ArgumentHelp("The network's name: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "name"))
  var name: String

  @Option(help: "How guests are joined: bridge.")
  var mode: Network.Mode = .bridge

  @Option(
    help: ArgumentHelp(
      "The guests' IPv4 subnet. The gateway is its first host. Default: the first free /24 from 172.30.0.0 on.",
      valueName: "cidr"))
  var subnet: String?

  @Option(help: ArgumentHelp("The bridge's name. Default: the first free of svbr0, svbr1, ….", valueName: "link"))
  var bridge: String?

  @Option(help: ArgumentHelp("The MTU of bridge and guests, in bytes.", valueName: "bytes"))
  var mtu = 1500

  @Option(help: ArgumentHelp("A name server for the guests' boot arguments; at most two.", valueName: "address"))
  var dns: [String] = []

  @Flag(help: "Let guests of this network reach each other.")
  var allowInterVM = false

  @Flag(help: "Do not masquerade: the outside must route to the subnet itself.")
  var noNAT = false

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  enum CodingKeys: String, CodingKey {
    case name, mode, subnet, bridge, mtu, dns, allowInterVM, noNAT, global, format
  }

  func validate() throws {
    guard dns.count <= 2 else { throw ValidationError("'--dns' can be given twice: 'ip=' has room for two.") }
  }

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let request = NetworkRequest(
        name: name, mode: mode, subnet: try subnet.map(Validation.subnet),
        bridge: try bridge.map { try Validation.interfaceName($0, field: "bridgeName") }, mtu: mtu,
        dns: try dns.map { try Validation.address($0, field: "--dns") }, allowsInterVM: allowInterVM, nat: !noNAT)
      try format.show(try await global.manager().createNetwork(request))
    }
  }
}

struct NetworkList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the networks.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      let networks = try await global.manager().networks().map(NetworkReport.init)
      switch format.output {
      case .json: Output.standardOutput(try JSON.line(networks))
      case .text:
        TextTable.lines(
          ["NAME", "MODE", "SUBNET", "GATEWAY", "BRIDGE", "MTU", "NAT", "INTER-VM"],
          networks.map {
            [
              $0.name, $0.mode, $0.subnet, $0.gatewayIp, $0.bridge, String($0.mtu), $0.nat ? "yes" : "no",
              $0.allowInterVm ? "yes" : "no",
            ]
          }
        ).forEach(Output.standardOutput)
      }
    }
  }
}

struct NetworkShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one network.")

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"))
  var name: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      try format.show(try await global.manager().network(named: name))
    }
  }
}

struct NetworkRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a network that has no attachments.")

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"))
  var name: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() async throws {
    try await reportingErrors(asJSON: format.output == .json) {
      try await global.manager().removeNetwork(named: name)
    }
  }
}

extension Network.Mode: ExpressibleByArgument {}

extension OutputOptions {
  fileprivate func show(_ network: Network) throws {
    let report = NetworkReport(network)
    switch output {
    case .json: Output.standardOutput(try JSON.line(report))
    case .text:
      for (label, value) in report.labelledFields { Output.standardOutput(label.padded(to: 14) + value) }
    }
  }
}
