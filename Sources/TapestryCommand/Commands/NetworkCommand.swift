import ArgumentParser
import NetTypes
import Tapestry

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network", abstract: "Create, list, show and remove networks.",
    discussion: "The network 'default' (bridge svbr0, 172.30.0.0/24) exists without being created.",
    subcommands: [NetworkCreate.self, NetworkList.self, NetworkShow.self, NetworkRemove.self])
}

struct NetworkCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make a network: a bridge with the gateway's address, its ruleset, forwarding.")

  @Argument(help: ArgumentHelp("The network's name: 1 to 64 letters, digits, '.', '_', '-', ':'.", valueName: "name"))
  var name: String

  @Option(help: "How guests are joined: bridge.")
  var mode = Mode.bridge

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case bridge

    var mode: Network.Mode {
      switch self {
      case .bridge: .bridge
      }
    }
  }

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

  func validate() throws {
    guard dns.count <= 2 else { throw ValidationError("'--dns' can be given twice: 'ip=' has room for two.") }
  }

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let request = NetworkRequest(
        name: name, mode: mode.mode, subnet: try subnet.map(Validation.subnet),
        bridge: try bridge.map { text throws(TapestryError) in
          try Validation.interfaceName(text, field: "bridgeName")
        }, mtu: mtu,
        dns: try dns.map { text throws(TapestryError) in try Validation.address(text, field: "--dns") },
        allowsInterVM: allowInterVM, nat: !noNAT)
      format.show(try global.environment.engine().createNetwork(request))
      return ExitStatus.done
    }
  }
}

struct NetworkList: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List the networks.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let networks = try global.environment.engine().networks()
      switch format.output {
      case .json: Output.standardOutput(JSON.array(networks.map(\.json)).text)
      case .text: TextTable.lines(Network.columns, networks.map(\.row)).forEach(Output.standardOutput)
      }
      return ExitStatus.done
    }
  }
}

struct NetworkShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one network.")

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"))
  var name: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      format.show(try global.environment.engine().network(named: name))
      return ExitStatus.done
    }
  }
}

struct NetworkRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove a network that has no attachments.")

  @Argument(help: ArgumentHelp("The network's name.", valueName: "name"))
  var name: String

  @OptionGroup var global: GlobalOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      try global.environment.engine().removeNetwork(named: name)
      return ExitStatus.done
    }
  }
}

extension OutputOptions {
  fileprivate func show(_ network: Network) {
    switch output {
    case .json: Output.standardOutput(network.json.text)
    case .text:
      for (label, value) in network.labelledFields { Output.standardOutput(label.padded(to: 14) + value) }
    }
  }
}
