import ArgumentParser
import Tapestry

struct Publish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Let ports of the host lead to a VM that runs.",
    discussion: """
      They are reached from outside, from the host itself (127.0.0.1 too) and, where their policy lets them, from other \
      guests by the host's address. Clients from outside keep their address. A port that another attachment has, or that \
      a program listens on, is refused. Prints the attachment.

        tapestry publish web-1 8080:80
        tapestry publish web-1 192.0.2.1:5000-5009:5000/udp
      """)

  @OptionGroup var target: PortTarget

  @Argument(help: ArgumentHelp("[HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]", valueName: "port"))
  var ports: [String]

  @OptionGroup var format: OutputOptions
  @OptionGroup var global: GlobalOptions

  func run() throws {
    try format.execute { () throws(TapestryError) in
      let ports = try PublishedPort.parse(ports)
      format.show([
        try global.environment.engine().publish(vmID: target.vm, interfaceID: target.interface, ports: ports)
      ])
      return ExitStatus.done
    }
  }
}

/// Whose ports it is about.
struct PortTarget: ParsableArguments {
  @Argument(help: ArgumentHelp("The VM's id.", valueName: "vm"), completion: .attachedVM)
  var vm: String

  @Option(help: ArgumentHelp("The interface of the VM, where it has several.", valueName: "id"))
  var interface: String?
}

extension PublishedPort {
  static func parse(_ texts: [String]) throws(TapestryError) -> [PublishedPort] {
    var ports: [PublishedPort] = []
    for text in texts { ports += try parse(text) }
    return ports
  }

  var json: JSON {
    .object([
      ("hostIp", hostAddress.map { .string($0.description) } ?? .null), ("hostPort", .number(Int(hostPort))),
      ("guestPort", .number(Int(guestPort))), ("protocol", .string(transport.rawValue)),
    ])
  }
}
